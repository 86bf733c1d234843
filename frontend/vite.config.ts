/** Builds src/app.ts into ../static/dist, with hashed names and a manifest that the `vite` template tag reads. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  base: "/static/dist/",
  publicDir: false,
  build: {
    outDir: "../static/dist",
    emptyOutDir: true,
    manifest: "manifest.json",
    modulePreload: { polyfill: false },
    target: "es2022",
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: "src/app.ts",
      output: {
        // Twelve hex digits are what the static file server takes for "never changes".
        hashCharacters: "hex",
        entryFileNames: "[name].[hash:12].js",
        chunkFileNames: "[name].[hash:12].js",
        assetFileNames: "[name].[hash:12][extname]",
      },
    },
  },
  test: { environment: "happy-dom", include: ["src/**/*.test.ts"] },
});
