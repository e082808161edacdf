import { start } from '@adjourn/example-express-mongodb'
import { mongodbAppTests } from './mongodb-apps.ts'

mongodbAppTests('express-mongodb', start)
