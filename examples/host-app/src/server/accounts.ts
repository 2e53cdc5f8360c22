import { randomUUID } from 'node:crypto'
import type { Account, Consent } from './model.ts'
import { emptyWorkspace } from './workspace.ts'

/** The product's users, in memory: they are gone when the server stops. */
export interface Accounts {
  create(person: { readonly name: string; readonly email: string; readonly consent: Consent }): Account
  byEmail(email: string): Account | undefined
  get(id: string): Account | undefined
  put(account: Account): Account
  /** A new browser session; its token comes back. */
  signIn(account: Account): string
  signedIn(token: string | undefined): Account | undefined
  signOut(token: string | undefined): void
}

export function createAccounts(): Accounts {
  const accounts = new Map<string, Account>()
  const sessions = new Map<string, string>()
  return {
    create({ name, email, consent }) {
      const account: Account = { id: `u_${randomUUID().slice(0, 13)}`, name, email, consent, step: 'workspace', workspace: emptyWorkspace(name) }
      accounts.set(account.id, account)
      return account
    },
    byEmail: (email) => [...accounts.values()].find((account) => account.email.toLowerCase() === email.toLowerCase()),
    get: (id) => accounts.get(id),
    put(account) {
      accounts.set(account.id, account)
      return account
    },
    signIn(account) {
      const token = randomUUID()
      sessions.set(token, account.id)
      return token
    },
    signedIn: (token) => accounts.get(sessions.get(token ?? '') ?? ''),
    signOut(token) {
      sessions.delete(token ?? '')
    },
  }
}
