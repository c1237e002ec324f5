import { expect, it } from 'vitest'
import { drawRoomsMap } from './rooms-map'

it('has the map of the rooms in docs/rooms.md, as they are now', async () => {
  await expect(drawRoomsMap()).toMatchFileSnapshot('../../docs/rooms.md')
})
