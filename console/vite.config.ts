import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

// Built into the package that serves it; `scripts/console.py` calls this.
export default defineConfig({
  base: "/console/",
  // Pages of domains lie outside of this folder: what they import of it has a name, and packages are found from here.
  resolve: {
    alias: { "@console": fileURLToPath(new URL("./src", import.meta.url)) },
    dedupe: ["vue", "vue-router", "vue-i18n"],
  },
  plugins: [vue({ template: { transformAssetUrls: false } })],
  define: { __VUE_OPTIONS_API__: "false", __VUE_I18N_LEGACY_API__: "false", __VUE_I18N_FULL_INSTALL__: "false", __INTLIFY_PROD_DEVTOOLS__: "false", __INTLIFY_JIT_COMPILATION__: "true" },
  build: {
    outDir: "../src/yong/app/console",
    emptyOutDir: true,
    assetsInlineLimit: 0, // the content security policy lets no data: scripts or fonts in
    chunkSizeWarningLimit: 1200, // MapLibre, loaded by the map alone
    target: "es2022",
  },
});
