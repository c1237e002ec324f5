'use client'
import { useCallback, useMemo, useSyncExternalStore } from 'react'
import { z } from 'zod'
import { MAX_PARAMETER_CHARS, MAX_PARAMETERS, PARAMETER_TYPES, type QueryParameter } from '@/lib/query/parameter-types'
import { PARAMETERS_KEY } from '../session/sign-out-signal'
import { isSignedOutSince } from './query-draft'

const parameters = z
  .array(
    z.object({
      name: z.string().max(200),
      type: z.enum(PARAMETER_TYPES),
      isList: z.boolean(),
      text: z.string().max(MAX_PARAMETER_CHARS),
    }),
  )
  .max(MAX_PARAMETERS)

/** The values of the parameters of drafts of this browser tab, by the draft. */
const stored = z.object({ userId: z.string(), savedAtMs: z.number(), drafts: z.record(z.string(), parameters) })

/** Drafts with values; those that were changed longest ago are forgotten. */
const MAX_DRAFTS = 20
const NONE: readonly QueryParameter[] = []

/**
 * The values of a draft's parameters. They are stored next to the draft in this browser tab until the user signs out.
 *
 * @param userId null while the user is unknown: then nothing is read or stored
 */
export function useQueryParameters(userId: string | null, draftId = 'draft') {
  const text = useSyncExternalStore(subscribe, readStored, () => null)
  const values = useMemo(
    () => (userId === null ? NONE : (parseStored(text, userId)[draftId] ?? NONE)),
    [text, userId, draftId],
  )
  const setValues = useCallback(
    (next: readonly QueryParameter[]) => {
      if (userId !== null) store(userId, draftId, next)
    },
    [userId, draftId],
  )
  return [values, setValues] as const
}

/** The values of a link; null for a text that is none. */
export function parseLinkedParameters(text: string): readonly QueryParameter[] | null {
  return parameters.safeParse(parseJson(text)).data ?? null
}

/** In place of the storage, if that is full or blocked. */
let unstored: string | null = null
const listeners = new Set<() => void>()

function readStored(): string | null {
  try {
    return sessionStorage.getItem(PARAMETERS_KEY) ?? unstored
  } catch {
    return unstored
  }
}

function parseStored(text: string | null, userId: string): Readonly<Record<string, readonly QueryParameter[]>> {
  const parsed = stored.safeParse(parseJson(text ?? 'null')).data
  return parsed?.userId === userId && !isSignedOutSince(userId, parsed.savedAtMs) ? parsed.drafts : {}
}

function store(userId: string, draftId: string, values: readonly QueryParameter[]): void {
  const { [draftId]: _, ...others } = parseStored(readStored(), userId)
  const kept = Object.entries(others).slice(1 - MAX_DRAFTS)
  const drafts = Object.fromEntries([...kept, [draftId, values]])
  const text = JSON.stringify({ userId, savedAtMs: Date.now(), drafts })
  unstored = null
  try {
    sessionStorage.setItem(PARAMETERS_KEY, text)
  } catch {
    unstored = text
  }
  for (const listener of listeners) listener()
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
