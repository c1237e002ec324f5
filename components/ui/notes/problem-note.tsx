'use client'
import { Button } from '@mantine/core'
import { IconAlertOctagon } from '@tabler/icons-react'
import Link from 'next/link'
import { AppError, ERROR_CODES, type ErrorCode } from '@/lib/errors'
import { paths } from '@/lib/paths'
import { CopyButton } from '../controls/copy-button'
import classes from './problem-note.module.css'

type ProblemNoteProps = {
  error: unknown
  /** The thing it happened to, as its page names it: `demo.flights`. */
  subject?: string
  /** What stayed as it was. Reads change nothing, which is the default. */
  unchanged?: string
  /** How to go on; the usual way for this kind of failure when left out. */
  next?: string | undefined
  /** Offers to do the same again. */
  onRetry?: () => void
}

/**
 * Any failure, in four lines: what happened, to which thing, what was not changed, how to go on; with the id under
 * which the server's log has it. Stands where the content would be.
 */
export function ProblemNote({ error, subject, unchanged = 'Nothing was changed.', next, onRetry }: ProblemNoteProps) {
  const code: ErrorCode = error instanceof AppError ? error.code : 'internal'
  const detail = error instanceof Error ? error.message : String(error)
  const location = errorLocation(error)
  const isStorageProblem = code === 'forbidden' && location !== null
  // The endpoint of the specification that the catalog does not have.
  const isCatalogProblem =
    code === 'not-supported' && error instanceof AppError && typeof error.facts['endpoint'] === 'string'
  const requestId = error instanceof AppError ? error.requestId : null
  return (
    <div role="alert" className={classes.note}>
      <IconAlertOctagon size={16} stroke={1.6} className={classes.icon} aria-hidden />
      <div className={classes.lines}>
        <p className={classes.happened}>
          {isStorageProblem ? 'The storage does not allow this' : ERROR_CODES[code].title}
        </p>
        <p>
          {subject !== undefined && <span className={classes.what}>{subject}: </span>}
          {detail}
        </p>
        {code === 'location-refused' && location !== null && (
          <p>
            <code>{location}</code>
          </p>
        )}
        <p>{unchanged}</p>
        {code !== 'credentials-required' && (
          <p>
            {next ??
              (isStorageProblem ? STORAGE_NEXT_STEP : isCatalogProblem ? CATALOG_NEXT_STEP : NEXT_STEPS[code]) ??
              'Try again; if it stays so, look into the log of the server.'}
          </p>
        )}
        {requestId !== null && (
          <div className={classes.request}>
            <span className={classes.label}>request</span> <code>{requestId}</code>
            <CopyButton value={requestId} label="request id" size={24} />
          </div>
        )}
        {(onRetry || code === 'unauthenticated' || code === 'credentials-required') && (
          <div className={classes.ways}>
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
          </div>
        )}
      </div>
    </div>
  )
}

/** Of the file it is about. What is forbidden at one is so by the storage: people's permissions are not of files. */
function errorLocation(error: unknown): string | null {
  const location = error instanceof AppError ? error.facts['location'] : null
  return typeof location === 'string' ? location : null
}

const STORAGE_NEXT_STEP = 'Ask an admin to look at the storage of the connection, and at the credentials for it.'

const CATALOG_NEXT_STEP = 'It is the catalog that cannot. Ask whoever runs it, or use another catalog.'

/** Comes back to the page one is on, as it is: with what it shows in its address. */
function signInAddress(): string {
  if (typeof window === 'undefined') return paths.login()
  const { pathname, search, hash } = window.location
  return paths.login(pathname + search + hash)
}

const NEXT_STEPS: Partial<Record<ErrorCode, string>> = {
  unauthenticated: 'Sign in again; you come back to this page.',
  'location-refused':
    'Where it is a connection’s, an admin can add the place to the roots of its storage, or map it to where the files are now.',
  forbidden: 'Ask an admin for the permission, or go back.',
  'not-found': 'It may have been renamed or dropped. Look for it in Explore.',
  'commit-conflict': 'Look at what changed, then do it again on top of that.',
  'commit-state-unknown': 'Look at the history before trying again: it may have happened.',
  'catalog-refused': 'Ask an admin to look at the credentials of the connection.',
  'catalog-unavailable': 'Wait a moment and try again.',
  'storage-unavailable': 'Wait a moment and try again; if it stays, look at the connection’s settings.',
  'server-unreachable': 'Check that the server runs and that you are connected, then try again.',
  'file-missing': 'Restore the file, or roll the table back to a snapshot that does not need it.',
  'file-damaged': 'Restore the file, or roll the table back to a snapshot that does not need it.',
  'secrets-unreadable': 'Start Lakeshore with the key they were sealed with, or enter them again.',
  'too-large': 'Ask for less: fewer columns, fewer rows, a narrower filter.',
  'not-supported': 'Use another engine for this table until Lakeshore can.',
  'query-failed': 'Correct the statement and run it again.',
  'storage-full': 'Free some room where the warehouse is, then try again.',
  'too-many-requests': 'Wait a moment and try again.',
  'invalid-request': 'Correct what is named above and try again.',
}
