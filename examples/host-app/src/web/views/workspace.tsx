import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Brand, type ViewProps } from '../parts.tsx'
import { Automations } from './automations.tsx'
import { Boards } from './boards.tsx'
import { Choices } from './choices.tsx'
import { DeveloperPanel } from './developer-panel.tsx'
import { Reports } from './reports.tsx'

const FEATURES = [
  { id: 'feature-a', hash: '#boards', name: 'Boards', View: Boards, icon: 'M4 5h4v14H4z M10 5h4v9h-4z M16 5h4v11h-4z' },
  { id: 'feature-b', hash: '#automations', name: 'Automations', View: Automations, icon: 'M13 3 5 14h6l-1 7 8-11h-6z' },
  { id: 'feature-c', hash: '#reports', name: 'Reports', View: Reports, icon: 'M4 20h16 M7 16v-5 M12 16V6 M17 16v-8' },
] as const

/** The product itself: three features, and beside them, plainly apart, the developer panel. */
export function Workspace(props: ViewProps & { readonly canTravel: boolean; readonly onLeave: () => void }): JSX.Element {
  const { account, tracker, canTravel, onLeave } = props
  const [current, setCurrent] = useState(() => featureAt(location.hash))
  const [panelOpen, setPanelOpen] = useState(canTravel && matchMedia('(min-width: 1200px)').matches)
  const choices = useRef<HTMLDialogElement>(null)
  const { View, name } = current

  useEffect(() => {
    const follow = () => setCurrent(featureAt(location.hash))
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  useEffect(() => {
    document.title = `${name} · ${account.workspace.name}`
    tracker.page(name)
  }, [name])

  return (
    <div class={panelOpen ? 'workspace with-panel' : 'workspace'}>
      <header class="sidebar">
        <button class="skip-link" type="button" onClick={() => document.getElementById('main')?.focus()}>
          Skip to content
        </button>
        <Brand />
        <p class="workspace-name">
          {account.workspace.name}
          {account.workspace.reviewDay !== undefined && <small>Review on {account.workspace.reviewDay}s</small>}
        </p>
        <nav aria-label="Features">
          {FEATURES.map((feature) => (
            <a key={feature.id} id={feature.id} href={feature.hash} aria-current={feature.id === current.id ? 'page' : undefined}>
              <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">
                <path d={feature.icon} />
              </svg>
              {feature.name}
            </a>
          ))}
        </nav>
        <div class="sidebar-foot">
          <button class="plain account" type="button" aria-haspopup="dialog" onClick={() => choices.current?.showModal()}>
            <span class="avatar" aria-hidden="true">
              {account.name.slice(0, 1).toUpperCase()}
            </span>
            {account.name}
          </button>
          <button class="plain developer" type="button" aria-expanded={panelOpen} onClick={() => setPanelOpen(!panelOpen)}>
            Developer panel
          </button>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        <View key={name} {...props} />
      </main>
      {panelOpen && <DeveloperPanel canTravel={canTravel} onClose={() => setPanelOpen(false)} />}
      <Choices dialog={choices} {...props} onLeave={onLeave} />
    </div>
  )
}

function featureAt(hash: string): (typeof FEATURES)[number] {
  return FEATURES.find((feature) => feature.hash === hash) ?? FEATURES[0]
}
