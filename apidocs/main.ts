/**
 * Checks that every public name has a docstring, that every link in one leads somewhere and that
 * every type it mentions is exported; then writes the API reference, unless told `--check`.
 */
import { Application, TSConfigReader, TypeDocReader, type ProjectReflection } from 'typedoc'

const app = await Application.bootstrapWithPlugins({}, [new TypeDocReader(), new TSConfigReader()])
const project = await app.convert()
if (project !== undefined) {
  app.validate(project)
  findNotExported(project)
  if (isGood() && !process.argv.includes('--check')) await app.generateOutputs(project)
}
if (project === undefined || !isGood()) process.exitCode = 1

/** TypeDoc looks for them in one package only: the one that it takes the project for. */
function findNotExported(all: ProjectReflection): void {
  app.options.setValue('validation', {
    notExported: true,
    invalidLink: false,
    invalidPath: false,
    notDocumented: false,
  })
  for (const name of app.options.getValue('packagesRequiringDocumentation')) {
    all.packageName = name
    app.validate(all)
  }
}

function isGood(): boolean {
  return !app.logger.hasErrors() && !app.logger.hasWarnings()
}
