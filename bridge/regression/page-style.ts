/**
 * The look of the page of a regression: light or dark as the reader's system has it, one column, narrow screens too.
 */
export const pageStyle = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --faint: #667; --line: #d5d9e0; --good: #1a7f37;
  --bad: #b3261e; --read: #2563c9; --write: #a15c00; --wash: #fdeceb }
@media (prefers-color-scheme: dark) { :root { --paper: #14171c; --ink: #e4e7ec; --faint: #99a; --line: #353b45;
  --good: #56c271; --bad: #ff8379; --read: #79aefc; --write: #e5a54b; --wash: #3a1d1b } }
* { box-sizing: border-box }
body { margin: 0 auto; padding: .5rem .75rem 2rem; max-width: 64rem; background: var(--paper); color: var(--ink);
  font: 15px/1.4 system-ui, sans-serif }
h1 { font-size: 1.3rem; margin: .2rem 0 } h1.good { color: var(--good) } h1.bad { color: var(--bad) }
header p { margin: 0 0 .5rem; color: var(--faint) }
main > details { border-top: 1px solid var(--line); padding: .4rem 0 }
summary { cursor: pointer; overflow-wrap: anywhere }
summary i, summary span:last-child, dt, figcaption, th { color: var(--faint); font-style: normal }
.status { color: var(--bad); font-weight: 600 }
.passed > summary .status { color: var(--good) }
.flaky > summary .status { color: var(--write) }
.skipped > summary .status { color: var(--faint) }
p.failing { margin: .4rem 0; padding: .4rem .6rem; border-left: 4px solid var(--bad); background: var(--wash);
  font: 14px/1.4 ui-monospace, monospace; overflow-wrap: anywhere }
nav a { display: block; color: var(--bad); overflow-wrap: anywhere } nav { max-height: 30vh; overflow-y: auto }
pre { margin: .4rem 0; font: 13px/1.4 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere }
figure { margin: .4rem 0; overflow-x: auto }
figcaption { font-size: .85rem }
svg { width: 100%; min-width: 40rem; display: block }
svg text { fill: var(--faint); font: 11px system-ui, sans-serif }
.wide { overflow-x: auto }
table { border-collapse: collapse; font: 13px/1.5 ui-monospace, monospace }
td, th { padding: 0 .8rem 0 0; text-align: left; white-space: nowrap }
tr.failing { background: var(--wash); color: var(--bad) }
dl { display: grid; grid-template-columns: auto 1fr; gap: 0 .8rem; margin: .4rem 0 }
dd { margin: 0; overflow-wrap: anywhere }
.read { fill: var(--read) }
.write { fill: var(--write) }
.mark { fill: var(--bad) }
.wave { display: flex; align-items: flex-start; overflow: visible }
.wave svg { width: auto; min-width: 0; flex: none }
.wave .scroll { overflow-x: auto; flex: 1; min-width: 0 }
.wave text { font: 11px ui-monospace, monospace; fill: var(--ink) }
.wave .grid { stroke: var(--line); stroke-width: .5 }
.wave .level, .wave .bus { fill: none; stroke: var(--good); stroke-width: 1.3 }
.wave .bus { stroke: var(--read) }
.wave path.idle { stroke: var(--faint); stroke-width: .8; opacity: .7 }
.wave path.bad { stroke: var(--bad) }
.wave text.idle { fill: var(--faint) }
.wave text.bad { fill: var(--bad) }
.wave .span { fill: var(--write) } .wave .span.mark { fill: var(--bad) } .wave text.inside { fill: var(--paper) }
.wave .blamed { fill: var(--wash) }
.bar { fill: var(--read) }
`
