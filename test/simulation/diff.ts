import { simulate } from '@waymark/testkit/simulation'
import { product } from './product.ts'

const r = await simulate({ ...product, seed: Number(process.argv[2]) })
for (const v of r.violations)
  if (v.check === 'wrong recovery') {
    const m = /^(\S+) was (.*) and came back as (.*)$/.exec(v.what)!
    const [a, b] = [m[2], m[3]].map((x) => (x === 'undefined' ? {} : JSON.parse(x!))) as any[]
    for (const k of Object.keys(a)) if (JSON.stringify(a[k]) !== JSON.stringify(b[k])) console.log(m[1], k, JSON.stringify(a[k]), '\n   ', JSON.stringify(b[k]))
  }
const f = process.argv[3]
console.log(
  r.trace
    .filter((l) => !f || new RegExp(f).test(l))
    .map((l) => l.slice(0, 250))
    .join('\n'),
)
for (const v of r.violations) console.log(v.check, v.what.slice(0, 200))
