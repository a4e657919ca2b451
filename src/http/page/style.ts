// The page's style sheet, served as /page.css. A string, so that the built program needs no file beside it.

export const PAGE_CSS = `:root {
  color-scheme: light dark;
  --ground: #f6f7f8; --card: #fff; --text: #1b1f23; --quiet: #59636e; --line: #d5dae0; --link: #0a58ca;
  --good: #12692f; --busy: #0a58ca; --warn: #7a4d00; --bad: #b3161b; --off: #59636e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171a; --card: #1d2125; --text: #e6e9ec; --quiet: #a0a9b3; --line: #363c43; --link: #7db4ff;
    --good: #6fd08c; --busy: #7db4ff; --warn: #efbf63; --bad: #ff8f8f; --off: #a0a9b3;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 68rem; padding: 1rem; background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1.2rem; margin: 0; }
.host { font-weight: 400; color: var(--quiet); }
header { display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: baseline; justify-content: space-between; }
#live, .times, footer, caption, .quiet, small { color: var(--quiet); font-size: .875rem; }
header p, .condition, .rollout, .times { margin: .25rem 0; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 2px; }
.agent { display: flex; flex-wrap: wrap; gap: .25rem 2rem; margin: .75rem 0 1rem; }
.agent dt { font-size: .8rem; color: var(--quiet); } dd { margin: 0; }
.project, .notice { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: 0 0 1rem; }
.notice.bad { border-color: var(--bad); }
.title { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: center; }
.badges { display: inline-flex; flex-wrap: wrap; gap: .25rem; }
.badge { display: inline-block; border: 1px solid currentColor; border-radius: 1rem; padding: 0 .6rem; font-size: .875rem; }
.good { color: var(--good); } .busy { color: var(--busy); } .warn { color: var(--warn); } .off { color: var(--off); }
.badge.bad, .notice.bad strong { color: var(--bad); }
table { width: 100%; border-collapse: collapse; margin: .75rem 0; }
caption { text-align: left; padding-bottom: .25rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .75rem .4rem 0; border-top: 1px solid var(--line); }
thead th { font-size: .8rem; color: var(--quiet); font-weight: 600; border-top: 0; }
tbody th { min-width: 5rem; } td { width: 30%; }
code, pre { font: .875rem/1.5 ui-monospace, monospace; }
pre { overflow-x: auto; overflow-wrap: normal; margin: .5rem 0; padding: .75rem; background: var(--ground); border-radius: .25rem; }
pre.output { white-space: pre-wrap; overflow-wrap: anywhere; max-height: 8rem; overflow-y: auto; padding: .4rem; font-size: .8rem; }
code { color: var(--quiet); white-space: nowrap; }
.why { display: block; font-size: .9rem; }
.notes { padding-left: 1.25rem; margin: .5rem 0; font-size: .9rem; }
.progress { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: center; margin: .5rem 0; }
.progress[hidden] { display: none; }
progress { width: 12rem; max-width: 100%; accent-color: var(--busy); }
details { margin-top: .4rem; } details p { margin: .4rem 0; font-size: .9rem; color: var(--quiet); } summary { cursor: pointer; color: var(--link); width: fit-content; }
.history { list-style: none; padding: 0; margin: .5rem 0; font-size: .9rem; max-height: 20rem; overflow-y: auto; }
.history time { color: var(--quiet); margin-right: .5rem; }
.conditions dt { font-weight: 600; } .conditions > div { margin: .4rem 0; font-size: .9rem; }
@media (max-width: 40rem) {
  body { padding: .75rem; } .project { padding: .75rem; }
  thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  table, tbody, tr, th, td, caption { display: block; width: auto; }
  tr { border-top: 1px solid var(--line); padding: .4rem 0; }
  tbody th, td { border: 0; padding: .1rem 0; }
  td { display: grid; grid-template-columns: 4.5rem minmax(0, 1fr); justify-items: start; }
  td::before { content: attr(data-label); color: var(--quiet); font-size: .875rem; grid-row: span 9; }
}
@media (prefers-reduced-motion: no-preference) { summary, a { transition: color .1s; } }
`;

export const FAVICON_SVG = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect x="3" y="3" width="10" height="10" rx="2" fill="#0a58ca"/><path d="M5.5 8.2l1.8 1.8 3.2-3.6" fill="none" stroke="#fff" stroke-width="1.6"/><path d="M6 1v2M10 1v2M6 13v2M10 13v2M1 6h2M1 10h2M13 6h2M13 10h2" stroke="#59636e"/></svg>
`;
