/** One sheet for all: made by script, so a page that allows no inline style allows it. */
export function styleSheet(): CSSStyleSheet {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(CSS)
  return sheet
}

const CSS = `
:host {
  all: initial;
  color-scheme: var(--waymark-color-scheme, light dark);
  --accent: var(--waymark-accent, light-dark(#3b5bdb, #91a7ff));
  --on-accent: var(--waymark-on-accent, light-dark(#ffffff, #10172e));
  --surface: var(--waymark-surface, light-dark(#ffffff, #22252d));
  --text: var(--waymark-text, light-dark(#1a1d24, #f1f3f7));
  --text-soft: var(--waymark-text-soft, light-dark(#555c69, #b3bac7));
  --line: var(--waymark-line, light-dark(rgb(16 24 40 / 10%), rgb(255 255 255 / 13%)));
  --radius: var(--waymark-radius, 14px);
  --shadow: var(--waymark-shadow,
    0 0 1px light-dark(rgb(16 24 40 / 18%), rgb(0 0 0 / 60%)),
    0 2px 6px light-dark(rgb(16 24 40 / 6%), rgb(0 0 0 / 30%)),
    0 12px 32px light-dark(rgb(16 24 40 / 14%), rgb(0 0 0 / 45%)));
  --layer: var(--waymark-z-index, 2147483000);
  font: 400 15px/1.5 var(--waymark-font, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif);
  color: var(--text);
  text-align: start;
  -webkit-font-smoothing: antialiased;
}
*, *::before, *::after { box-sizing: border-box; }
h2, p { margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 15px; line-height: 1.4; font-weight: 620; letter-spacing: -0.006em; text-wrap: balance; }
p { color: var(--text-soft); font-size: 14px; white-space: pre-line; text-wrap: pretty; }

.tooltip, .modal, .banner {
  background: var(--surface);
  color: var(--text);
  border: 1px solid var(--line);
  border-radius: var(--radius);
  box-shadow: var(--shadow);
}

.action, .close {
  font: inherit;
  border: 0;
  cursor: pointer;
  -webkit-tap-highlight-color: transparent;
  transition: background-color 120ms, color 120ms;
}
.action {
  display: inline-flex;
  align-items: center;
  justify-content: center;
  min-height: 36px;
  padding: 7px 16px;
  border-radius: calc(var(--radius) - 5px);
  background: var(--accent);
  color: var(--on-accent);
  font-size: 14px;
  line-height: 1.4;
  font-weight: 560;
  text-decoration: none;
}
.action:hover { background: color-mix(in oklab, var(--accent), var(--text) 14%); }
.action:active { background: color-mix(in oklab, var(--accent), var(--text) 24%); }
.close {
  display: grid;
  place-items: center;
  width: 32px;
  height: 32px;
  padding: 0;
  border-radius: 9px;
  background: transparent;
  color: var(--text-soft);
}
.close:hover { background: color-mix(in srgb, var(--text) 8%, transparent); color: var(--text); }
.close svg { width: 16px; height: 16px; fill: none; stroke: currentColor; stroke-width: 1.6; stroke-linecap: round; }
:focus { outline: none; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.modal:focus-visible { outline: none; }

.tooltip {
  position: fixed;
  inset: 0 auto auto 0;
  z-index: var(--layer);
  width: max-content;
  max-width: min(320px, calc(100vw - 24px));
  padding: 15px 18px 17px;
  visibility: hidden;
}
.tooltip[data-placed] { visibility: visible; animation: appear 180ms cubic-bezier(0.2, 0.8, 0.3, 1); }
.tooltip[data-away] { visibility: hidden; }
.tooltip h2 { padding-inline-end: 26px; margin-bottom: 4px; }
.tooltip .actions { margin-top: 13px; }
.tooltip .action { min-height: 34px; padding-block: 6px; padding-inline: 14px; }
.tooltip .close { position: absolute; top: 9px; inset-inline-end: 9px; }
.pointer {
  position: absolute;
  width: 11px;
  height: 11px;
  rotate: 45deg;
  background: var(--surface);
  border: 1px solid var(--line);
  border-end-end-radius: 2px;
  clip-path: polygon(-1px -1px, 12px -1px, 12px 0, 0 12px, -1px 12px);
}
[data-side="top"] > .pointer { rotate: 225deg; }
[data-side="right"] > .pointer { rotate: -45deg; }
[data-side="left"] > .pointer { rotate: 135deg; }

.modal {
  width: min(440px, calc(100vw - 32px));
  max-width: none;
  max-height: calc(100dvh - 32px);
  padding: 28px 30px 26px;
  overflow: auto;
  overscroll-behavior: contain;
  border-radius: calc(var(--radius) + 4px);
  animation: appear 220ms cubic-bezier(0.2, 0.8, 0.3, 1);
}
.modal::backdrop { background: rgb(12 16 24 / 46%); backdrop-filter: blur(2px); animation: fade 220ms ease-out; }
.modal h2 { font-size: 20px; line-height: 1.3; letter-spacing: -0.014em; padding-inline-end: 28px; margin-bottom: 9px; }
.modal p { font-size: 15px; line-height: 1.58; }
.modal .actions { display: flex; justify-content: flex-end; margin-top: 24px; }
.modal .action { min-height: 40px; padding-inline: 20px; }
.modal .close { position: absolute; top: 18px; inset-inline-end: 18px; }

.banner {
  position: fixed;
  z-index: var(--layer);
  inset-inline: 16px;
  width: fit-content;
  min-width: min(420px, calc(100vw - 32px));
  max-width: min(720px, calc(100vw - 32px));
  margin-inline: auto;
  padding: 13px 12px 13px 20px;
  display: flex;
  align-items: center;
  gap: 10px;
  animation: rise 240ms cubic-bezier(0.2, 0.8, 0.3, 1);
}
.banner.bottom { bottom: max(16px, env(safe-area-inset-bottom)); --from: 10px; }
.banner.top { top: max(16px, env(safe-area-inset-top)); --from: -10px; }
.banner .words { flex: 1; min-width: 0; }
.banner .words > p:only-child { color: var(--text); }
.banner .action { flex: none; margin-inline-start: 10px; max-width: 45%; }
.banner .close { flex: none; }
@media (max-width: 520px) {
  .banner { flex-wrap: wrap; padding: 14px 16px 16px 18px; }
  .banner .words { flex: 1 1 calc(100% - 60px); }
  .banner .close { order: 1; align-self: flex-start; margin: -3px -6px 0 0; }
  .banner .action { order: 2; flex: 1 1 100%; max-width: none; margin: 4px 0 0; }
}

.announcer { position: fixed; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

@keyframes appear { from { opacity: 0; scale: 0.975; } }
@keyframes rise { from { opacity: 0; translate: 0 var(--from); } }
@keyframes fade { from { opacity: 0; } }
@media (prefers-reduced-motion: reduce) {
  *, .modal::backdrop { animation: none !important; transition: none !important; }
}
@media (forced-colors: active) {
  .action { border: 1px solid ButtonText; }
  .pointer { display: none; }
}
`
