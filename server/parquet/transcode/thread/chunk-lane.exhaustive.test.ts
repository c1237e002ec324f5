/** Every case of the tests that `npm test` runs with some. */
import './chunk-lane.test'
