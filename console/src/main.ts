import { createApp } from "vue";
import App from "./App.vue";
import { i18n } from "./language";
import { router } from "./router";
import "./style.css";
import "./theme";

createApp(App).use(i18n).use(router).mount("#app");
