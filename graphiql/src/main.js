import "./base.css";
import { fetchSettings } from "./settings.js";

// The settings and the large page travel side by side, and the first render
// waits for both: GraphiQL reads its default tabs only once.
const [settings, { render }] = await Promise.all([fetchSettings(), import("./page.jsx")]);
render(document.getElementById("page"), settings);
