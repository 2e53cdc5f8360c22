import { type AutomationId, type Card, type Column, type Sorting, TEMPLATES, type Template, type Workspace } from './model.ts'

/** What can be done in a workspace. Each returns a new one; ids and times come from outside. */

export function emptyWorkspace(owner: string): Workspace {
  return { name: `${owner.split(' ')[0] ?? owner}'s workspace`, cards: [], automations: [], sortings: [] }
}

export interface Now {
  readonly now: number
  readonly id: () => string
}

/** One card for each line that says something. */
export function addCards(workspace: Workspace, text: string, { now, id }: Now): Workspace {
  const added = text
    .split('\n')
    .map((line) => line.replace(/^\s*(?:[-*•]|\d+[.)])\s+/, '').trim())
    .filter((line) => line !== '')
    .map((line): Card => ({ id: id(), text: line.slice(0, 200), column: columnFor(workspace, line), createdAt: now }))
  return { ...workspace, cards: has(workspace, 'newest-first') ? [...added.reverse(), ...workspace.cards] : [...workspace.cards, ...added] }
}

export function moveCard(workspace: Workspace, id: string, column: Column, { now }: Pick<Now, 'now'>): Workspace {
  const doing = workspace.cards.filter((card) => card.column === 'doing' && card.id !== id).length
  const target = column === 'doing' && doing >= 3 && has(workspace, 'three-at-once') ? 'todo' : column
  return { ...workspace, cards: workspace.cards.map((card) => (card.id === id ? placed(card, target) : card)) }

  function placed({ stampedAt: _, ...card }: Card, to: Column): Card {
    return { ...card, column: to, ...(to === 'done' && has(workspace, 'stamp-done') ? { stampedAt: now } : {}) }
  }
}

export function removeCard(workspace: Workspace, id: string): Workspace {
  return { ...workspace, cards: workspace.cards.filter((card) => card.id !== id) }
}

export function switchAutomation(workspace: Workspace, id: AutomationId, on: boolean): Workspace {
  const others = workspace.automations.filter((other) => other !== id)
  return { ...workspace, automations: on ? [...others, id] : others }
}

/** A word sorts to one column: the newest wish counts. */
export function addSorting(workspace: Workspace, sorting: Sorting): Workspace {
  const word = sorting.word.trim()
  return { ...workspace, sortings: [...workspace.sortings.filter((other) => !sameWord(other.word, word)), { word, column: sorting.column }] }
}

export function removeSorting(workspace: Workspace, word: string): Workspace {
  return { ...workspace, sortings: workspace.sortings.filter((sorting) => !sameWord(sorting.word, word)) }
}

export function startFrom(workspace: Workspace, template: Template, { now, id }: Now): Workspace {
  return addCards(workspace, TEMPLATES[template].cards.join('\n'), { now, id })
}

function columnFor(workspace: Workspace, text: string): Column {
  return workspace.sortings.find(({ word }) => text.toLowerCase().includes(word.toLowerCase()))?.column ?? 'todo'
}

function has(workspace: Workspace, id: AutomationId): boolean {
  return workspace.automations.includes(id)
}

function sameWord(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
