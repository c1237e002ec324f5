import { callEndpoint } from '@/lib/api/call-endpoint'
import { useRefreshingMutation } from '../call/use-refreshing-mutation'
import { keys } from '../keys'

export function useCancelRun() {
  return useJobsMutation((runId: string) => callEndpoint('cancelRun', { run: runId }))
}

export function useRetryRun() {
  return useJobsMutation((runId: string) => callEndpoint('retryRun', { run: runId }))
}

export type ScheduleChange = {
  schedule: string
  version: number
  name?: string
  isEnabled?: boolean
  cron?: string
  timeZone?: string
}

export function useSetSchedule() {
  return useJobsMutation((change: ScheduleChange) => callEndpoint('setSchedule', change))
}

export function useRunSchedule() {
  return useJobsMutation((schedule: string) => callEndpoint('runSchedule', { schedule }))
}

export function useTakeOverSchedule() {
  return useJobsMutation((taken: { schedule: string; version: number }) => callEndpoint('takeOverSchedule', taken))
}

export function useRemoveSchedule() {
  return useJobsMutation((schedule: string) => callEndpoint('removeSchedule', { schedule }))
}

function useJobsMutation<Input, Output>(mutationFn: (input: Input) => Promise<Output>) {
  return useRefreshingMutation(mutationFn, [keys.jobs()])
}
