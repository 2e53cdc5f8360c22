import { Liquid, type LiquidOptions } from 'liquidjs'

/** Rendering runs in the host's own thread, so a template that does not come to an end must be stopped soon. */
const LIMITS: LiquidOptions = { parseLimit: 500_000, renderLimit: 1_000, memoryLimit: 5_000_000 }

/** Tags that read other files, or give a template a frame from elsewhere. */
const READS_FILES = ['include', 'render', 'layout', 'block']

/**
 * An engine that knows no files, hides what an object inherits, and takes a missing variable for an error,
 * except in `if`, `unless` and before the `default` filter.
 */
function engine(options: LiquidOptions): Liquid {
  const liquid = new Liquid({
    ...LIMITS,
    strictVariables: true,
    strictFilters: true,
    lenientIf: true,
    ownPropertyOnly: true,
    templates: {},
    // The same mail on every machine, whatever its place and language.
    timezoneOffset: 0,
    locale: 'en-US',
    ...options,
  })
  for (const tag of READS_FILES) delete liquid.tags[tag]
  return liquid
}

export const plain: Liquid = engine({})
export const escaping: Liquid = engine({ outputEscape: 'escape' })
