import { expect, it } from 'vitest'
import { drawRoomsMap } from './rooms-map'

it('draws the current rooms in docs/rooms.md', async () => {
  await expect(drawRoomsMap()).toMatchFileSnapshot('../../docs/rooms.md')
})
