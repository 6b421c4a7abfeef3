import { nextTick } from "vue";
import { createRouter, createWebHistory } from "vue-router";
import { i18n } from "./language";
import { PAGES } from "./pages/administration/pages";

export const router = createRouter({
  history: createWebHistory("/console/"),
  routes: [
    { path: "/", name: "centre", component: () => import("./pages/centre/Centre.vue"), meta: { title: "nav.centre" } },
    { path: "/things", name: "things", component: () => import("./pages/things/Things.vue"), meta: { title: "nav.things" } },
    { path: "/things/:id", name: "thing", component: () => import("./pages/things/Thing.vue"), props: true, meta: { title: "nav.things" } },
    { path: "/explore", name: "explore", component: () => import("./pages/explore/Explore.vue"), meta: { title: "nav.explore" } },
    { path: "/boards", name: "boards", component: () => import("./pages/boards/Boards.vue"), meta: { title: "nav.boards" } },
    { path: "/boards/new", name: "new-board", component: () => import("./pages/boards/Board.vue"), props: { id: null }, meta: { title: "nav.boards" } },
    { path: "/boards/:id", name: "board", component: () => import("./pages/boards/Board.vue"), props: true, meta: { title: "nav.boards" } },
    { path: "/shown", name: "shown", component: () => import("./pages/boards/Shown.vue"), meta: { title: "nav.boards", open: true } },
    { path: "/desk", name: "desk", component: () => import("./pages/cases/Desk.vue"), meta: { title: "nav.cases" } },
    { path: "/desk/cases/:id", name: "case", component: () => import("./pages/cases/Case.vue"), props: true, meta: { title: "nav.cases" } },
    { path: "/messages", name: "messages", component: () => import("./pages/messages/Messages.vue"), meta: { title: "messages.title" } },
    { path: "/desk/wall", name: "wall", component: () => import("./pages/cases/Wall.vue"), meta: { title: "cases.page_wall" } },
    { path: "/procedures/editor", name: "editor", component: () => import("./pages/cases/Editor.vue"), meta: { title: "editor.title" } },
    { path: "/procedures", name: "procedures", component: () => import("./pages/cases/Procedures.vue"), meta: { title: "cases.procedures" } },
    { path: "/decisions", name: "decisions", component: () => import("./pages/cases/Decisions.vue"), meta: { title: "decisions.title" } },
    { path: "/desk/procedures", redirect: (to) => ({ name: "procedures", query: to.query }) }, // where they were at first
    { path: "/records", name: "records", component: () => import("./pages/relations/Relations.vue"), meta: { title: "nav.records" } },
    { path: "/records/:relation", name: "relation", component: () => import("./pages/relations/Relation.vue"), props: true, meta: { title: "nav.records" } },
    {
      path: "/administration",
      component: () => import("./pages/administration/Administration.vue"),
      meta: { title: "nav.administration" },
      children: [
        { path: "", redirect: { name: "administration-health" } },
        ...PAGES.map((page) => ({ path: page.name, name: `administration-${page.name}`, component: page.load, meta: { title: `administration.${page.name}` } })),
        { path: "people/:id", name: "administration-person", component: () => import("./pages/administration/Person.vue"), props: true, meta: { title: "administration.people" } },
      ],
    },
    { path: "/domains/:module/:name", name: "domain", component: () => import("./pages/domains/DomainPage.vue"), props: true, meta: { title: "nav.domains" } },
    { path: "/:rest(.*)*", redirect: "/" },
  ],
});

router.afterEach((to, from) => {
  document.title = `${i18n.global.t(String(to.meta.title))} · Yong 甬`;
  if (from.matched.length && to.path !== from.path) void nextTick(() => document.getElementById("main")?.focus());
});
