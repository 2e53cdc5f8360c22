#!/usr/bin/env node
import { main } from './program.ts'

process.exitCode = await main(process.argv.slice(2))

// A handle that a plugin left open shall not keep a finished command from ending.
setTimeout(() => process.exit(), 1_000).unref()
