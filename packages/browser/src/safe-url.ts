const SAFE_SCHEMES: readonly string[] = ['https:', 'http:', 'mailto:']

/** The absolute URL when following it cannot run code in the page, undefined otherwise. The browser's own parser decides. */
export function safeUrl(url: string, base: string): string | undefined {
  const parsed = URL.parse(url, base)
  return parsed !== null && SAFE_SCHEMES.includes(parsed.protocol) ? parsed.href : undefined
}
