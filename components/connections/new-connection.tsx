'use client'
import { useCallback, useRef, useState } from 'react'
import { Page } from '@/components/layout/page'
import { ProblemNote } from '@/components/ui/problem-note'
import { useMay } from '@/lib/client/permissions'
import { AppError } from '@/lib/errors'
import { ConnectionForm } from './connection-form'
import classes from './connections.module.css'
import { carriedOver, type Draft } from './draft'
import { TEMPLATES, type Template } from './templates'

/** First what kind of catalog it is, then the form with what is known of that kind. */
export function NewConnection() {
  const mayConnect = useMay('console:admin')
  const [chosen, setChosen] = useState<{ template: Template; start: Draft } | null>(null)
  const typed = useRef<Draft | null>(null)
  const keep = useCallback((draft: Draft) => {
    typed.current = draft
  }, [])
  const choose = (template: Template) => {
    if (template.id === chosen?.template.id) return
    const { draft } = template
    const start = chosen && typed.current ? carriedOver(typed.current, chosen.template.draft, draft) : draft
    setChosen({ template, start })
  }
  return (
    <Page title="Add connection">
      {mayConnect === false && (
        <ProblemNote error={new AppError('forbidden', 'Only admins add connections.')} what="Add connection" />
      )}
      {mayConnect && (
        <ul className={classes.templates} aria-label="Kinds of catalogs">
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
      )}
      {mayConnect && chosen && (
        <ConnectionForm
          key={chosen.template.id}
          start={chosen.start}
          stored={null}
          hint={chosen.template.hint}
          onDraft={keep}
        />
      )}
    </Page>
  )
}
