/** One thing a simulated user does, as the product's instrumentation would report it. */
export interface Action {
  readonly at: number
  readonly user: Person
  readonly does: 'signs-up' | 'completes-step' | 'skips-onboarding' | 'uses-feature'
  readonly detail: string
  readonly advanced?: boolean
}

export interface Person {
  readonly id: string
  readonly habit: Habit
  readonly plan: 'free' | 'pro'
  readonly timezone: string
  /** What they ticked when they signed up. */
  readonly agreesTo: { readonly personalization: boolean; readonly marketing: boolean }
  /** How likely they are to click on a message rather than close it. */
  readonly curiosity: number
}

export const HABITS = ['power user', 'explorer', 'skipper', 'leaver'] as const
export type Habit = (typeof HABITS)[number]

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const STEPS = ['workspace', 'invite', 'import'] as const
const TIMEZONES = ['America/Los_Angeles', 'America/New_York', 'Europe/Berlin', 'Europe/London', 'Asia/Tokyo']

/** How each kind of user lives: days on which they come, sessions a day, and what they do in one. */
const HABITS_OF: Record<
  Habit,
  { share: number; comes: (day: number) => number; sessions: number; uses: readonly [string, number][]; steps: number; skips: number }
> = {
  'power user': {
    share: 0.25,
    comes: () => 0.85,
    sessions: 2,
    uses: [
      ['A', 4],
      ['B', 2],
      ['C', 1],
    ],
    steps: 3,
    skips: 0.1,
  },
  explorer: {
    share: 0.3,
    comes: (day) => 0.6 - day * 0.02,
    sessions: 1,
    uses: [
      ['A', 1],
      ['B', 1],
      ['C', 1],
    ],
    steps: 2,
    skips: 0.15,
  },
  skipper: {
    share: 0.2,
    comes: (day) => 0.4 - day * 0.02,
    sessions: 1,
    uses: [
      ['A', 1],
      ['B', 0.4],
    ],
    steps: 0,
    skips: 1,
  },
  leaver: { share: 0.25, comes: (day) => (day === 0 ? 1 : 0.15 / day), sessions: 1, uses: [['A', 0.6]], steps: 1, skips: 0.3 },
}

/** The same seed gives the same people: mulberry32, a small generator that is good enough to draw habits from. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** The first `days` days of `size` users who sign up over the first three of them, in order of time. */
export function population(options: { readonly seed: number; readonly size: number; readonly start: number; readonly days: number }): readonly Action[] {
  const random = seeded(options.seed)
  const actions: Action[] = []
  for (let index = 0; index < options.size; index += 1) {
    const person = someone(index + 1, random)
    const signedUp = options.start + Math.floor(random() * 3 * DAY)
    actions.push(...life(person, signedUp, options.start + options.days * DAY, random))
  }
  return actions.sort((a, b) => a.at - b.at)
}

function someone(number: number, random: () => number): Person {
  const draw = random()
  const habit = HABITS.find((_, index) => draw < HABITS.slice(0, index + 1).reduce((sum, each) => sum + HABITS_OF[each].share, 0)) ?? 'leaver'
  return {
    id: `user-${String(number).padStart(3, '0')}`,
    habit,
    plan: random() < 0.2 ? 'pro' : 'free',
    timezone: TIMEZONES[Math.floor(random() * TIMEZONES.length)] as string,
    agreesTo: { personalization: random() < 0.85, marketing: random() < 0.7 },
    curiosity: random(),
  }
}

function life(user: Person, signedUp: number, end: number, random: () => number): readonly Action[] {
  const habit = HABITS_OF[user.habit]
  const actions: Action[] = [{ at: signedUp, user, does: 'signs-up', detail: user.plan }]
  const then = (at: number, does: Action['does'], detail: string, advanced = false): void => {
    if (at < end) actions.push({ at, user, does, detail, ...(advanced ? { advanced } : {}) })
  }

  let at = signedUp + 20_000 + Math.floor(random() * MINUTE)
  if (random() < habit.skips) then(at, 'skips-onboarding', STEPS[Math.floor(random() * 2)] as string)
  else {
    for (const step of STEPS.slice(0, habit.steps)) {
      then(at, 'completes-step', step)
      at += 30_000 + Math.floor(random() * 2 * MINUTE)
    }
  }
  for (let day = 0; signedUp + day * DAY < end; day += 1) {
    if (random() >= habit.comes(day)) continue
    for (let session = 0; session < habit.sessions; session += 1) {
      const into = day === 0 && session === 0 ? at - signedUp + MINUTE : (2 + session * 7) * HOUR + random() * 3 * HOUR
      let moment = Math.floor(signedUp + day * DAY + into)
      for (const [feature, times] of habit.uses) {
        for (let use = 0; use < Math.floor(times + random()); use += 1) {
          then(moment, 'uses-feature', feature, user.habit === 'power user' && random() < 0.3)
          moment += 20_000 + Math.floor(random() * 4 * MINUTE)
        }
      }
    }
  }
  return actions
}
