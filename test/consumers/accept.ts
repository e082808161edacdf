/** `npm run api:accept`: takes over what the packages export now. */
import { acceptSurfaces } from './surface.ts'

await acceptSurfaces()
