import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { WaymarkError } from '@waymark/core'
import { type TemplateSource, wrongOption } from './options.ts'

const PART = /^(?<name>.+)\.(?<part>subject|text|html)\.liquid$/

/** Reads every `name.part.liquid` of a folder; files that are not `.liquid` are left alone. */
export function readTemplates(folder: string): Record<string, Partial<TemplateSource>> {
  const found: Record<string, Partial<Record<keyof TemplateSource, string>>> = Object.create(null)
  for (const file of list(folder)) {
    if (!file.endsWith('.liquid')) continue
    const { name, part } = PART.exec(file)?.groups ?? {}
    if (name === undefined || part === undefined) {
      const mend = 'name it after its template and part, as in welcome.subject.liquid, welcome.text.liquid or welcome.html.liquid'
      throw new WaymarkError('EMAIL_TEMPLATE_INVALID', `${join(folder, file)}: it is not clear which part of which mail this is; ${mend}`, {
        place: join(folder, file),
        mend,
      })
    }
    found[name] ??= {}
    found[name][part as keyof TemplateSource] = readFileSync(join(folder, file), 'utf8')
  }
  return found
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch (error) {
    throw wrongOption(
      'templates',
      `the folder '${folder}' cannot be read (${(error as Error).message})`,
      'check the path: it is taken from the working directory',
    )
  }
}
