import { IconAlertOctagon, IconCircleCheck, IconMinus } from '@tabler/icons-react'
import type { ConnectionTest } from '@/lib/contract/connections'
import classes from './test-result.module.css'

const STEP_LABELS = {
  address: 'Address',
  tls: 'TLS',
  login: 'Authentication',
  warehouse: 'Warehouse',
  storage: 'Storage',
} as const
const STATE_LABELS = { ok: 'ok', failed: 'failed', skipped: 'skipped' } as const
const ICONS = { ok: IconCircleCheck, failed: IconAlertOctagon, skipped: IconMinus } as const

type Step = ConnectionTest['steps'][number]

/** The result of a test, step by step; a failed step says what to do. */
export function TestResult({ test }: { test: ConnectionTest }) {
  return (
    <ul className={classes.steps} aria-label="Test">
      {test.steps.map(({ step, state, detail }) => {
        const Icon = ICONS[state]
        return (
          <li key={step} className={classes[state]}>
            <Icon size={15} stroke={1.6} aria-hidden />
            <span className={classes.name}>
              {STEP_LABELS[step]}
              <span className="sr-only"> {STATE_LABELS[state]}</span>
            </span>
            <span className={classes.detail}>{detail}</span>
          </li>
        )
      })}
    </ul>
  )
}

/** A short summary for a list: the step that failed, or `works`. */
export function testSummary(test: ConnectionTest): string {
  const failed = failedStep(test)
  return failed ? `${STEP_LABELS[failed.step]} failed` : 'works'
}

export function failedStep({ steps }: ConnectionTest): Step | undefined {
  return steps.find(({ state }) => state === 'failed')
}
