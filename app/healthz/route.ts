import { bindAddresses } from '@/server/program/bind'

export const dynamic = 'force-dynamic'

/** Whether the process responds at all. */
export const { GET } = bindAddresses('/healthz')
