import { CodeBlock } from '@/components/ui/values/code-block'
import { CopyButton } from '@/components/ui/controls/copy-button'
import classes from './commit-request.module.css'

/** A POST by default, without a body if that is null. */
export type KnownRequest = { method?: 'POST' | 'DELETE'; path: string; body: string | null }

/** The exact request of a commit, to read before it is sent. @param props.title what it is called, where it is none */
export function CommitRequest({ title = 'The commit', ...request }: KnownRequest & { title?: string }) {
  return (
    <section aria-label={title}>
      <div className={classes.head}>
        <h3>{title}</h3>
        <CopyButton value={request.body ?? request.path} label="request" />
      </div>
      <CodeBlock label="Request" className={classes.request}>
        <RequestText {...request} />
      </CodeBlock>
    </section>
  )
}

export function RequestText({ method = 'POST', path, body }: KnownRequest) {
  return (
    <>
      <span className="quiet">{method}</span> {path}
      {body !== null && `\n${body}`}
    </>
  )
}
