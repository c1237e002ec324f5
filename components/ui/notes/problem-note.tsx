'use client'
import { Button } from '@mantine/core'
import { IconAlertOctagon } from '@tabler/icons-react'
import Link from 'next/link'
import { createContext, use } from 'react'
import { AppError, ERROR_CODES, type ErrorCode, isOutcomeKnown } from '@/lib/errors'
import { paths } from '@/lib/paths/paths'
import { CopyButton } from '../controls/copy-button'
import classes from './problem-note.module.css'

/** The kind of failure that the page explains above its content, so that no part of it does again. */
export const KnownProblem = createContext<ErrorCode | undefined>(undefined)

export type ProblemNoteProps = {
  error: unknown
  /** The problem, if the kind of failure does not say it. */
  title?: string | undefined
  /** The thing it happened to, as its page names it, for example `demo.flights`. */
  subject?: string
  /** The state that a failed write left unchanged. Left out if the outcome of the write is unknown. */
  unchanged?: string
  /** The known part of a write with an unknown outcome. */
  outcome?: string | undefined
  /** Advice. By default the hint of the error, or the advice for this kind of failure; null if the title has it. */
  next?: string | null | undefined
  /** Adds a button that repeats the action. */
  onRetry?: (() => void) | undefined
  /** Adds a button that mends the cause. */
  remedy?: { label: string; onChoose: () => void } | undefined
  /** Adds a button that leads away from the failed page. */
  back?: { label: string; onBack: () => void } | undefined
}

/**
 * Any failure in up to four lines: what happened, to which thing, what was not changed, and what to do; and the request
 * id, to find it in the server's log. It replaces the content. Of a failed read that the page explains already, it only
 * says that nothing is shown.
 */
export function ProblemNote({
  error,
  title,
  subject,
  unchanged,
  outcome,
  next,
  onRetry,
  remedy,
  back,
}: ProblemNoteProps) {
  const code: ErrorCode = error instanceof AppError ? error.code : 'internal'
  const detail = error instanceof Error ? error.message : String(error)
  const location = errorLocation(error)
  const isStorageProblem = code === 'forbidden' && location !== null
  // The fact names the endpoint of the specification that the catalog does not have.
  const isCatalogProblem =
    code === 'not-supported' && error instanceof AppError && typeof error.facts['endpoint'] === 'string'
  const requestId = error instanceof AppError ? error.requestId : null
  const isOpen = unchanged !== undefined && !isOutcomeKnown(error)
  const usual = (isOpen ? OPEN_NEXT_STEPS[code] : undefined) ?? nextStep(code, error)
  const advice =
    next === undefined
      ? (hintOf(error) ?? (isStorageProblem ? STORAGE_NEXT_STEP : isCatalogProblem ? CATALOG_NEXT_STEP : usual))
      : next
  if (use(KnownProblem) === code && unchanged === undefined)
    return <p className={classes.known}>{title ?? 'Not shown'}, for the reason above.</p>
  return (
    <div role="alert" className={classes.note}>
      <IconAlertOctagon size={16} stroke={1.6} className={classes.icon} aria-hidden />
      <div className={classes.lines}>
        <p className={classes.happened}>
          {title ?? (isStorageProblem ? 'The storage does not allow this' : ERROR_CODES[code].title)}
        </p>
        <p>
          {subject !== undefined && !detail.startsWith(subject) && <span className={classes.what}>{subject}: </span>}
          {detail}
        </p>
        {code === 'location-refused' && location !== null && (
          <p>
            <code>{location}</code>
          </p>
        )}
        {unchanged !== undefined && <p>{isOpen ? (outcome ?? OPEN_OUTCOME) : unchanged}</p>}
        {code !== 'credentials-required' && advice !== null && <p>{advice}</p>}
        {requestId !== null && (
          <div className={classes.request}>
            <span className="rigid">request</span> <code>{requestId}</code>
            <CopyButton value={requestId} label="request id" size={24} />
          </div>
        )}
        {(onRetry || remedy || back || code === 'unauthenticated' || code === 'credentials-required') && (
          <div className={classes.remedies}>
            {code === 'unauthenticated' && (
              <Button component="a" href={signInAddress()} variant="default" size="xs">
                Sign in
              </Button>
            )}
            {code === 'credentials-required' && (
              <Button component={Link} href={paths.account()} variant="default" size="xs">
                Open your account
              </Button>
            )}
            {onRetry && (
              <Button variant="default" size="xs" onClick={() => onRetry()}>
                Try again
              </Button>
            )}
            {remedy && (
              <Button variant="default" size="xs" onClick={remedy.onChoose}>
                {remedy.label}
              </Button>
            )}
            {back && (
              <Button variant="default" size="xs" onClick={back.onBack}>
                {back.label}
              </Button>
            )}
          </div>
        )}
      </div>
    </div>
  )
}

function hintOf(error: unknown): string | null {
  const hint = error instanceof AppError ? error.facts['hint'] : null
  return typeof hint === 'string' ? hint : null
}

/** The file that the error is about. `forbidden` with a file is from the storage: permissions are not per file. */
function errorLocation(error: unknown): string | null {
  const location = error instanceof AppError ? error.facts['location'] : null
  return typeof location === 'string' ? location : null
}

const OPEN_OUTCOME = 'It is not known whether this was carried out.'

const STORAGE_NEXT_STEP = 'Ask an admin to check the storage of the connection and its credentials.'

const CATALOG_NEXT_STEP = 'The catalog does not support this. Ask its operator, or use another catalog.'

/** The URL of the sign-in page, which returns to the current URL. */
function signInAddress(): string {
  if (typeof window === 'undefined') return paths.login()
  const { pathname, search, hash } = window.location
  return paths.login(pathname + search + hash)
}

/** After a write that may have been carried out. */
const OPEN_NEXT_STEPS: Partial<Record<ErrorCode, string>> = {
  internal: 'Review it before you try again. If it keeps failing, check the server log.',
  'catalog-unavailable': 'Wait a moment, and look at it again before you repeat this.',
  'storage-unavailable': 'Wait a moment, and look at it again before you repeat this.',
  'server-unreachable': 'Check your network and that the server is running. Review it before you try again.',
}

/** Advice for a kind of failure; null if its title or its detail is enough. */
function nextStep(code: ErrorCode, error: unknown): string | null {
  // The request fails until the name, or the object that has it, is another one.
  if (code === 'already-exists') return null
  // A policy refuses everybody: its sentence says what to do.
  if (code === 'forbidden' && error instanceof AppError && error.facts['policy'] !== undefined) return null
  return NEXT_STEPS[code] ?? 'Try again. If it keeps failing, check the server log.'
}

const NEXT_STEPS: Partial<Record<ErrorCode, string>> = {
  unauthenticated: 'Sign in again. You will return to this page.',
  'password-change-required': 'Reload this page to change it.',
  'location-refused': 'If its files were moved, an admin can add a path mapping to the connection, too.',
  'read-restricted': 'Read it with an engine that applies the restrictions of the catalog.',
  forbidden: 'Ask an admin for the permission.',
  'not-found': 'It may have been renamed or dropped, or you may not have access. Look for it in Explore.',
  'version-conflict': 'Look at what was changed, then try again.',
  'commit-conflict': 'Review the new version, then commit again.',
  'commit-state-unknown': 'Check the history before you try again: the commit may have succeeded.',
  'catalog-refused': 'Ask an admin to check the credentials of the connection.',
  'catalog-unavailable': 'Wait a moment and try again.',
  'storage-unavailable': 'Wait a moment and try again. If it keeps failing, check the settings of the connection.',
  'server-unreachable': 'Check your network and that the server is running, then try again.',
  'file-missing': 'Restore the file, or roll the table back to a snapshot that does not need it.',
  'file-damaged': 'Restore the file, or roll the table back to a snapshot that does not need it.',
  'secrets-unreadable': 'Start Lakeshore with the key that encrypted them, or enter them again.',
  'too-large': 'Read less: fewer columns, fewer rows or a narrower filter.',
  'format-unsupported': 'Use an engine that supports this format version.',
  'not-supported': 'Use another engine for this table.',
  'rows-rejected': 'Correct the rows, how they are read, or the limit of rejected rows, and load again.',
  'query-failed': 'Correct the query and run it again.',
  'storage-full': 'Free disk space in the warehouse, then try again.',
  'too-many-requests': 'Wait a moment and try again.',
  'invalid-request': 'Correct the input and try again.',
}
