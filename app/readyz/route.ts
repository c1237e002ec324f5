import { bindAddresses } from '@/server/program/bind'

export const dynamic = 'force-dynamic'

/** Whether requests should be sent here. */
export const { GET } = bindAddresses('/readyz')
