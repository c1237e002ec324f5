'use client'
import { useCallback, useEffect, useRef, useState } from 'react'
import { Page } from '@/components/shell/page'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { useHasPermission } from '@/lib/client/session/permissions'
import { AppError } from '@/lib/errors'
import { ConnectionForm } from './connection-form'
import classes from './connections.module.css'
import { carryOverInput, type Draft } from './draft'
import { TEMPLATES, type Template } from './templates'

/** The kinds of catalog, and the form with the defaults of the chosen one: at first, of any REST catalog. */
export function NewConnection() {
  const canConnect = useHasPermission('console:admin')
  const [chosen, setChosen] = useState<{ template: Template; initialDraft: Draft } | null>(() => {
    const template = TEMPLATES.find(({ id }) => id === 'rest')
    return template ? { template, initialDraft: template.draft } : null
  })
  // The first form leaves the focus where it is.
  const hasUserChosen = useRef(false)
  const currentDraft = useRef<Draft | null>(null)
  const rememberDraft = useCallback((draft: Draft) => {
    currentDraft.current = draft
  }, [])
  const form = useRef<HTMLDivElement>(null)
  const chosenId = chosen?.template.id
  useEffect(() => {
    if (chosenId !== undefined && hasUserChosen.current && form.current) showForm(form.current)
  }, [chosenId])
  const choose = (template: Template) => {
    if (template.id === chosen?.template.id) return
    hasUserChosen.current = true
    const { draft } = template
    const initialDraft =
      chosen && currentDraft.current ? carryOverInput(currentDraft.current, chosen.template.draft, draft) : draft
    setChosen({ template, initialDraft })
  }
  return (
    <Page title="Add connection">
      {canConnect === false && (
        <ProblemNote
          error={new AppError('forbidden', 'Only full admins can add connections.')}
          subject="Add connection"
        />
      )}
      {canConnect && (
        <div className={classes.new}>
          <ul className={classes.templates} aria-label="Kinds of catalog">
            {TEMPLATES.map((template) => (
              <li key={template.id}>
                <button
                  type="button"
                  className={classes.template}
                  aria-pressed={template.id === chosen?.template.id}
                  onClick={() => choose(template)}
                >
                  <strong>{template.title}</strong>
                  <span>{template.about}</span>
                </button>
              </li>
            ))}
          </ul>
          {chosen && (
            <div
              ref={form}
              className={classes.form}
              {...{ role: 'group', 'aria-label': `Connection to ${chosen.template.title}`, tabIndex: -1 }}
            >
              <ConnectionForm
                key={chosen.template.id}
                initialDraft={chosen.initialDraft}
                stored={null}
                hint={chosen.template.hint}
                examples={chosen.template.examples}
                onDraftChange={rememberDraft}
              />
            </div>
          )}
        </div>
      )}
    </Page>
  )
}

/** Moves the focus to the form of the chosen catalog, and scrolls it into view if little of it is visible. */
function showForm(form: HTMLElement): void {
  form.focus({ preventScroll: true })
  if (form.getBoundingClientRect().top > window.innerHeight / 2) form.scrollIntoView({ block: 'start' })
}
