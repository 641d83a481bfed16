/** The look of the page: light or dark as the reader's system has it, from a phone to a wall. */
export const pageStyle = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --faint: #5b6270; --line: #d5d9e0; --good: #1a7030;
  --bad: #b3261e; --read: #2257b5; --write: #8a4f00; --wash: #fdeceb; --shade: #f3f5f8;
  --mono: ui-monospace, monospace }
@media (prefers-color-scheme: dark) { :root { --paper: #14171c; --ink: #e4e7ec; --faint: #a3aab6; --line: #353b45;
  --good: #62c97d; --bad: #ff8f86; --read: #86b5fd; --write: #e5a54b; --wash: #3a1d1b; --shade: #1d222a } }
@media (min-width: 2200px) { html { font-size: 150% } }
* { box-sizing: border-box }
body { margin: 0 auto; padding: .5rem .75rem 2rem; max-width: 80rem; background: var(--paper); color: var(--ink);
  font: .95rem/1.45 system-ui, sans-serif }
a { color: var(--read) }
h1 { font-size: 1.35rem; margin: .2rem 0 } h1.good { color: var(--good) } h1.bad { color: var(--bad) }
h2 { font-size: 1.1rem; margin: 1.2rem 0 .3rem } h3 { font-size: .95rem; margin: 1rem 0 .2rem; overflow-wrap: anywhere }
.facts { margin: 0 0 .5rem; color: var(--faint) }
.totals { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1rem; margin: 0; padding: 0; font-weight: 600 }
.totals a { color: var(--bad) } .totals .passed a { color: var(--good) } .totals .flaky a { color: var(--write) }
.totals .skipped a { color: var(--faint) }
nav { max-height: 11rem; overflow-y: auto; border: 1px solid var(--line); border-radius: .3rem }
nav ol { list-style: none; margin: 0; padding: .3rem .6rem } nav li { overflow-wrap: anywhere }
nav span { color: var(--faint); font-size: .85rem }
form:not([hidden]) { display: flex; flex-wrap: wrap; gap: .4rem .8rem; align-items: center; margin: .6rem 0 0 }
form label { color: var(--faint); font-size: .85rem }
input, select { font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--faint);
  border-radius: .25rem; padding: .1rem .3rem; max-width: 14rem }
.keys { flex-basis: 100%; margin: 0; color: var(--faint); font-size: .8rem } kbd { border: 1px solid var(--line);
  border-radius: .2rem; padding: 0 .25rem; font: .75rem var(--mono) }
@media (max-width: 600px) { .keys { display: none } }
#shown { margin: 0; color: var(--faint) } #shown:empty { display: none }
.test { border-top: 1px solid var(--line); content-visibility: auto; contain-intrinsic-size: auto 2rem }
.test > summary { padding: .3rem 0 }
.test[open] { contain-intrinsic-size: auto 40rem; padding-bottom: .8rem }
summary { cursor: pointer; overflow-wrap: anywhere }
summary:focus-visible, a:focus-visible, .scroll:focus-visible { outline: 2px solid var(--read); outline-offset: 1px }
summary i, .took, dt, figcaption, th { color: var(--faint); font-style: normal }
summary em { font-style: normal; font-size: .8rem; border: 1px solid var(--write); color: var(--write);
  border-radius: .6rem; padding: 0 .4rem }
.status { color: var(--bad); font-weight: 600 }
.passed > summary .status { color: var(--good) }
.flaky > summary .status { color: var(--write) }
.skipped > summary .status { color: var(--faint) }
.body:target { scroll-margin-top: 3rem }
p.failing { margin: .4rem 0; padding: .4rem .6rem; border-left: 4px solid var(--bad); background: var(--wash);
  font: .9rem/1.4 var(--mono); overflow-wrap: anywhere }
.calls { margin: .2rem 0 .4rem; padding: 0 .6rem; font: .82rem/1.4 var(--mono); overflow-wrap: anywhere }
pre { margin: .4rem 0; font: .82rem/1.45 var(--mono); white-space: pre-wrap; overflow-wrap: anywhere }
figure { margin: .6rem 0 } figcaption { font-size: .85rem }
.said pre, .source pre { background: var(--shade); padding: .4rem .6rem; border-radius: .3rem; margin: .2rem 0 }
.source pre { white-space: pre; overflow: auto; max-height: 24rem }
.source span { display: inline-block; min-width: 100% }
.blamed, .missed { background: var(--wash); color: var(--bad) } .reached { color: var(--good) }
svg { width: 100%; min-width: 54rem; display: block }
svg text { fill: var(--faint); font: 11px system-ui, sans-serif }
.wide { overflow-x: auto }
table { border-collapse: collapse; font: .82rem/1.5 var(--mono) }
td, th { padding: 0 .8rem 0 0; text-align: left; white-space: nowrap; font-weight: 400 }
tr.failing { background: var(--wash); color: var(--bad) }
.links { margin: .5rem 0; display: flex; flex-wrap: wrap; gap: .2rem .9rem; font-size: .9rem }
dl { display: grid; grid-template-columns: auto 1fr; gap: 0 .8rem; margin: .4rem 0; font-size: .9rem }
dd { margin: 0; overflow-wrap: anywhere }
@media (max-width: 600px) { dl { display: block } dd { margin-bottom: .3rem } }
.reads { color: var(--read) } .writes { color: var(--write) } .marked { color: var(--bad) }
 code { font: .82rem/1.45 var(--mono) }
.read { fill: var(--read) }
.write { fill: var(--write) }
.mark { fill: var(--bad) }
.bar { fill: var(--read) }
.wave { display: flex; align-items: flex-start }
.wave svg { width: auto; min-width: 0; flex: none }
.wave .scroll { overflow-x: auto; flex: 1; min-width: 0 }
.wave text { font: 11px var(--mono); fill: var(--ink) }
.wave .grid { stroke: var(--line); stroke-width: .5 }
.wave .level, .wave .bus { fill: none; stroke: var(--good); stroke-width: 1.3 }
.wave .bus { stroke: var(--read) }
.wave path.idle { stroke: var(--faint); stroke-width: .8; opacity: .7 }
.wave path.bad { stroke: var(--bad) }
.wave text.idle { fill: var(--faint) }
.wave text.bad { fill: var(--bad) }
.wave .span { fill: var(--write) } .wave .span.mark { fill: var(--bad) } .wave text.inside { fill: var(--paper) }
.wave .blamed { fill: var(--wash) } .wave .cut { fill: var(--shade) }
@media (min-width: 2200px) { .wave { zoom: 1.5 } }
@media print { .test { content-visibility: visible } form { display: none } }
`
