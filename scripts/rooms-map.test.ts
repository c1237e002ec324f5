import { expect, it } from 'vitest'
import { roomsMap } from './rooms-map'

it('has the map of the rooms in docs/rooms.md, as they are now', async () => {
  await expect(roomsMap()).toMatchFileSnapshot('../docs/rooms.md')
})
