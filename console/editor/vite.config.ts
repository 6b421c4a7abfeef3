import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

// One file that the console loads where it is installed; `scripts/console.py --editor` calls this.
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "/console/editor/",
  build: {
    outDir: "../../src/yong/app/console/editor",
    emptyOutDir: true,
    assetsInlineLimit: 0, // the content security policy lets no data: fonts in
    cssCodeSplit: false,
    chunkSizeWarningLimit: 1200,
    target: "es2022",
    rollupOptions: {
      input: fileURLToPath(new URL("editor.ts", import.meta.url)),
      preserveEntrySignatures: "strict",
      output: { entryFileNames: "editor.js", assetFileNames: (asset) => (asset.names[0]?.endsWith(".css") ? "editor.css" : "[name][extname]") },
    },
  },
});
