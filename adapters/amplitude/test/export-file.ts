import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { ZipFile } from 'yazl'

/** An export as Amplitude packs it: gzipped files of lines, two of them, in a ZIP. */
export async function exportOf(lines: readonly object[]): Promise<Buffer> {
  const zip = new ZipFile()
  const middle = Math.ceil(lines.length / 2)
  for (const [index, part] of [lines.slice(0, middle), lines.slice(middle)].entries()) {
    zip.addBuffer(gzipSync(part.map((line) => `${JSON.stringify(line)}\n`).join('')), `187520/187520_2026-01-02_8#${index}.json.gz`)
  }
  zip.end()
  return buffer(zip.outputStream)
}
