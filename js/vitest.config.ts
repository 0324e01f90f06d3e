import { defineConfig } from "vitest/config";

export default defineConfig({
  // the same calls as in the bundle
  esbuild: {
    jsx: "transform",
    jsxFactory: "elements.createElement",
    jsxFragment: "elements.Fragment",
    jsxInject: 'import * as elements from "preact";',
  },
  test: {
    // A busy machine is no fault of the code.
    testTimeout: 60_000,
    environment: "happy-dom",
    setupFiles: ["tests/setup.ts"],
    include: ["tests/**/*.test.{ts,tsx}"],
  },
});
