// Copies the two scripts that the pages use to where they are served from.

import { copyFileSync, mkdirSync } from "node:fs";

mkdirSync("dist", { recursive: true });
copyFileSync("node_modules/htmx.org/dist/htmx.min.js", "dist/htmx.min.js");
copyFileSync("node_modules/chart.js/dist/chart.umd.min.js", "dist/chart.min.js");
