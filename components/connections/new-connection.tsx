'use client'
import { useState } from 'react'
import { Page } from '@/components/layout/page'
import { ConnectionForm } from './connection-form'
import classes from './connections.module.css'
import { TEMPLATES } from './templates'

/** First what kind of catalog it is, then the form with what is known of that kind. */
export function NewConnection() {
  const [chosenId, choose] = useState<string | null>(null)
  const chosen = TEMPLATES.find(({ id }) => id === chosenId)
  return (
    <Page title="Add connection">
      <ul className={classes.templates} aria-label="Kinds of catalogs">
        {TEMPLATES.map(({ id, title, about }) => (
          <li key={id}>
            <button
              type="button"
              className={classes.template}
              aria-pressed={id === chosenId}
              onClick={() => choose(id)}
            >
              <strong>{title}</strong>
              <span>{about}</span>
            </button>
          </li>
        ))}
      </ul>
      {chosen && <ConnectionForm key={chosen.id} start={chosen.draft} stored={null} hint={chosen.hint} />}
    </Page>
  )
}
