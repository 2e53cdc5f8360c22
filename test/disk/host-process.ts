import { segment } from '@waymark/adapter-segment'
import { definePlan, defineWaymark } from '@waymark/core'
import { createHost, serve, silentLogger } from '@waymark/host'
import { sqlite } from '@waymark/store-sqlite'
import { z } from 'zod'

/** A host that is started as a process of its own, with a disk that fails. Argument: the database. Says its port on stdout. */
const plan = definePlan({ events: { did_it: z.object({ n: z.number() }) }, traits: z.object({}) })
const host = await createHost(
  defineWaymark({
    plan,
    segments: [plan.segments('busy', { busy: plan.behaviour.did('did_it').atLeast(10), idle: plan.behaviour.otherwise })],
    plugins: [segment()],
    store: sqlite(process.argv[2] as string),
  }),
  { logger: silentLogger },
)
const { port } = await serve(host, { port: 0 })
console.log(port)
