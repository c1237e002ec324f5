'use client'
import { IconLogout } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { OwnRequestsPanel } from '@/components/admin/access/requests/own-requests-panel'
import { Page } from '@/components/shell/page'
import { Unloaded } from '@/components/shell/unloaded'
import { ExactTime } from '@/components/ui/values/exact-time'
import { Panel } from '@/components/ui/panel'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { sessionQuery } from '@/lib/client/session/session'
import { useSignOut } from '@/lib/client/sign-out'
import type { Role } from '@/lib/permissions'
import classes from './account.module.css'
import { ChangePasswordForm } from './change-password-form'
import { OwnCredentials } from './own-credentials'

/** The signed-in user, their password, their catalog credentials, and sign-out. */
export function Account() {
  const signOut = useSignOut()
  return (
    <Page
      title="Account"
      actions={
        <WaitingButton
          variant="default"
          leftSection={<IconLogout size={15} stroke={1.6} aria-hidden />}
          loading={signOut.isPending || signOut.isSuccess}
          onClick={() => signOut.mutate()}
        >
          Sign out
        </WaitingButton>
      }
    >
      {signOut.error && <ProblemNote error={signOut.error} unchanged="You are still signed in." />}
      <div className={classes.panels}>
        <Panel title="Signed in as">
          <SignedInAs />
        </Panel>
        <Panel title="Password">
          <PasswordOfUser />
        </Panel>
        <OwnCredentials />
        <OwnRequestsPanel />
      </div>
    </Page>
  )
}

/** A user of an identity provider has no password here. */
function PasswordOfUser() {
  const { data: session } = useQuery(sessionQuery())
  if (session?.hasPassword !== false) return <ChangePasswordForm />
  return (
    <p className="bare secondary">
      You sign in with your identity provider and have no password here. Change it at the provider.
    </p>
  )
}

function SignedInAs() {
  const query = useQuery(sessionQuery())
  if (!query.isSuccess) return <Unloaded query={query} subject="your session" skeleton={[3, 2, 'Loading']} />
  const session = query.data
  return (
    <dl className={classes.facts}>
      <dt>Username</dt>
      <dd>{session.username}</dd>
      <dt>Role</dt>
      <dd>{session.role === null ? 'None, except where granted' : ROLE_LABELS[session.role]}</dd>
      <dt>Signed in until</dt>
      <dd>
        <ExactTime atMs={session.expiresAtMs} />
      </dd>
    </dl>
  )
}

const ROLE_LABELS: Record<Role, string> = {
  viewer: 'Viewer (read only)',
  editor: 'Editor (can change tables)',
  admin: 'Admin (full access)',
}
