import { ANONYMOUS, type Engine, type IdentityKey, type NewJournalEntry, type NewLogEntry, type Past, type Transaction, WaymarkError } from '@waymark/core'
import { type Applied, applyEntries } from './apply.ts'
import { createGathered } from './gathered.ts'
import { isUserKey, keyOfProfile, keysOfName, profileNamed } from './identity.ts'
import type { Profiles } from './profiles.ts'
import { entriesLeaving, keysLeaving, partedPast } from './unmerge.ts'

/** What a person says of two ids: that they are one, or that they are not. */
export interface IdentityChange {
  readonly kind: 'merge' | 'unmerge'
  /** A user id, or any id of the user. */
  readonly user: string
  /** An anonymous id, another user id, or a profile's name. */
  readonly id: string
}

export interface Changed {
  readonly applied: Applied
  /** As the journal has it. */
  readonly entry: NewJournalEntry
}

interface Parts {
  readonly engine: Engine
  readonly profiles: Profiles
  readonly tx: Transaction
  readonly now: number
  readonly maxMerged: number
}

/** The profile that a user id, or any id of the user, belongs to. */
export async function ownerOf(user: string, store: Pick<Transaction, 'profilesOf'>): Promise<string | undefined> {
  const keys = keysOfName(user)
  const owners = await store.profilesOf(keys)
  return keys.flatMap((key) => owners.get(key) ?? [])[0]
}

/** Makes the change, as a commit of its own. Throws a `WaymarkError` that names the mend when it cannot be. */
export async function changeIdentity(change: IdentityChange, parts: Parts): Promise<Changed> {
  const into = await ownerOf(change.user, parts.tx)
  if (into === undefined) throw unknown(change.user)
  if (into.startsWith(ANONYMOUS)) {
    const mend = `name the user first: waymark identity ${change.kind} <user> ${change.user}`
    throw new WaymarkError('NOT_FOUND', `'${change.user}' is a visitor that is no user's`, { mend })
  }
  return change.kind === 'merge' ? merge(into, change.id, parts) : unmerge(into, change.id, parts)
}

async function unmerge(into: string, id: string, parts: Parts): Promise<Changed> {
  const { engine, profiles, tx, now } = parts
  const there = await tx.keysOf(into)
  const named = keysOfName(id).filter((key) => there.includes(key) && key !== keyOfProfile(into))
  const [first] = named
  if (first === undefined) throw notAmong(id, into, there)
  const from = profileNamed(first)
  const loaded = await profiles.load([into, from], tx)
  const history = await tx.history(into)
  const keys = keysLeaving(from, named, await broughtBy(from, tx), there, history)
  const entries = entriesLeaving(keys, history).map(({ seq }) => seq)
  const along = keys.map(profileNamed).filter((profile) => profile !== from)
  const together = await tx.unmerge({ from, into, keys, along, entries, apart: [first, keyOfProfile(into)] })

  const held = loaded.get(into)
  const before: Past = held === undefined ? { asOf: { at: now, tie: '' }, memberships: {}, rules: {}, sends: [] } : engine.pastOf(held.profile)
  const partOf = async (profile: string, decidedTogether: typeof together) => {
    const events = (await tx.history(profile)).flatMap(({ input }) => (input.kind === 'event' ? [input.event] : []))
    const ledger = await tx.decisions({ profile, limit: Number.MAX_SAFE_INTEGER })
    return partedPast(engine, { id: profile, events, ledger, together: decidedTogether, before }, now)
  }
  const [ofFrom, ofInto] = [await partOf(from, together), await partOf(into, [])]
  const past = { from: ofFrom.past, into: { ...ofInto.past, memberships: before.memberships } }
  const applied = await write({ profile: into, now, input: { kind: 'unmerge', from, keys, past } }, parts)
  await tx.decide([...ofFrom.settled, ...ofInto.settled])
  const entry: NewJournalEntry = { at: now, outcome: 'unmerged', from, into, keys }
  await tx.record([entry])
  return { applied: { ...applied, decisions: [...ofFrom.settled, ...ofInto.settled] }, entry }
}

async function merge(into: string, id: string, parts: Parts): Promise<Changed> {
  const { tx, now, maxMerged } = parts
  const owners = await tx.profilesOf(keysOfName(id))
  const key = keysOfName(id).find((one) => owners.has(one))
  const from = key === undefined ? undefined : owners.get(key)
  if (key === undefined || from === undefined) throw unknown(id)
  if (from === into) throw new WaymarkError('ALREADY', `'${id}' is one of the ids of '${into}' already`, { mend: 'there is nothing to do' })
  if (from !== profileNamed(key)) {
    throw new WaymarkError('ID_TAKEN', `'${id}' is one of the ids of '${from}'`, { mend: `take it out there first: waymark identity unmerge ${from} ${id}` })
  }
  const gathered = createGathered(tx, maxMerged)
  if (!(await gathered.take(into, await tx.keysOf(from)))) {
    throw new WaymarkError('TOO_MANY_IDS', `'${into}' and '${id}' stay apart: ${gathered.reason}`, { mend: 'raise identity.maxMerged in the config' })
  }
  await tx.allowMerge(from, into)
  const keys = await tx.merge(from, into, now)
  const applied = await write({ profile: into, now, input: { kind: 'merge', from } }, parts)
  const entry: NewJournalEntry = { at: now, outcome: 'merged', from, into, keys }
  await tx.record([entry])
  if (applied.decisions.length > 0) await tx.decide(applied.decisions)
  return { applied, entry }
}

async function write(entry: NewLogEntry, { engine, profiles, tx }: Parts): Promise<Applied> {
  const from = entry.input.kind === 'merge' || entry.input.kind === 'unmerge' ? [entry.input.from] : []
  const loaded = await profiles.load([entry.profile, ...from], tx)
  const [seq = 0] = await tx.append([entry])
  return applyEntries(engine, [{ ...entry, seq, commit: seq }], loaded, tx)
}

/** The ids a profile came with when it was merged last, as the journal has it. */
async function broughtBy(from: string, tx: Transaction): Promise<readonly IdentityKey[]> {
  for (let before = Number.MAX_SAFE_INTEGER; ; ) {
    const page = await tx.journal({ profile: from, before })
    const merged = page.find((entry) => entry.from === from && entry.outcome === 'merged')
    if (merged !== undefined) return merged.keys
    const last = page.at(-1)
    if (last === undefined) return []
    before = last.id
  }
}

function unknown(id: string): WaymarkError {
  return new WaymarkError('NOT_FOUND', `nothing is known of '${id}'`, { mend: 'it takes a user id or an anonymous id with at least one accepted event' })
}

function notAmong(id: string, into: string, there: readonly IdentityKey[]): WaymarkError {
  const others = there.filter((key) => key !== keyOfProfile(into)).map((key) => key.slice(key.indexOf(':') + 1))
  const mend = others.length === 0 ? 'it has no other id' : `its other ids are ${[...new Set(others)].slice(0, 20).join(', ')}`
  if (there.some((key) => isUserKey(key) && key === keyOfProfile(id))) {
    return new WaymarkError('OWN_ID', `'${id}' is the profile's own id and cannot be taken out of it`, { mend })
  }
  return new WaymarkError('NOT_FOUND', `'${id}' is not an id of '${into}'`, { mend })
}
