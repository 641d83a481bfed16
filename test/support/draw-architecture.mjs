// Draws docs/architecture.svg anew: npm run picture.
import { writeFileSync } from 'node:fs'
import { createJiti } from 'jiti'

const { drawArchitecture, pictureFile } = await createJiti(import.meta.url).import('./architecture.ts')
writeFileSync(pictureFile, drawArchitecture())
