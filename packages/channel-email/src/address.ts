import { domainToASCII } from 'node:url'
import parseAddresses from 'nodemailer/lib/addressparser'
import { wrongOption } from './options.ts'

export interface Mailbox {
  readonly name: string
  readonly address: string
}

/** One bare address: nothing in it can end a header line, open a comment or begin a second address. */
const ONE_ADDRESS = /^[^\s@<>(),;:"[\]\\\p{Cc}]{1,64}@[^\s@<>(),;:"[\]\\\p{Cc}]{1,253}$/u

/** True for one bare address, as a trait holds it; false for a list, for `Name <address>` and for anything that could break a header. */
export function isAddress(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 254 && ONE_ADDRESS.test(value)
}

/** Reads `Name <address>` or a bare address of the config. Throws a `WaymarkError` for anything else. */
export function mailbox(field: string, value: string): Mailbox {
  const mend = "write one address, as in 'Acme <hello@acme.example>'"
  if (typeof value !== 'string' || value === '') throw wrongOption(field, 'it is missing', mend)
  const [first, ...more] = /\p{Cc}/u.test(value) ? [] : parseAddresses(value)
  if (first === undefined || more.length > 0 || !isAddress(first.address)) throw wrongOption(field, `${JSON.stringify(value)} is not an address`, mend)
  return { name: first.name, address: first.address }
}

/** What comes after the @, as headers may hold it. */
export function domainOf(address: string): string {
  const domain = address.slice(address.lastIndexOf('@') + 1)
  return domainToASCII(domain) || 'localhost'
}
