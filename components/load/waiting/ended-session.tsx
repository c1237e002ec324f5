import { isOfDisabledUser } from '@/lib/client/uploads/page-upload'
import { AppError } from '@/lib/errors'
import { paths } from '@/lib/paths/paths'
import classes from './ended-session.module.css'

/** Whether a request was refused because its session has ended, or its user was disabled. */
export function isSessionEnd(error: unknown): error is AppError {
  return error instanceof AppError && error.code === 'unauthenticated'
}

/**
 * Says that the session has ended, without leaving the page.
 *
 * @param props.then what follows a new sign-in
 * @param props.withoutUser what follows if the user was disabled
 */
export function EndedSession({
  error,
  then,
  withoutUser = null,
}: {
  error: AppError | null
  then: string
  withoutUser?: string | null
}) {
  return (
    <div className={classes.ended} role="alert">
      {isOfDisabledUser(error) ? (
        <>Your user was disabled. {withoutUser} An admin can enable it again.</>
      ) : (
        <>
          Your session has ended.{' '}
          <a href={paths.login()} target="_blank" rel="noreferrer">
            Sign in again in another tab
          </a>
          , and {then}.
        </>
      )}
    </div>
  )
}
