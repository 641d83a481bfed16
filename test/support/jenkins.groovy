// SPDX-License-Identifier: Apache-2.0
// What a Jenkinsfile has run: `groovy jenkins.groovy JENKINSFILE` prints each `sh` as a line of JSON, in the order in
// which Jenkins would come to it, with the variables that it has and whether its failure is caught. Knows as much of
// declarative pipelines as the example uses; a step that it doesn't know is an error.
import groovy.json.JsonOutput

class Pipeline {
    private Map<String, String> variables = ['WORKSPACE', 'BUILD_NUMBER'].collectEntries { [it, System.getenv(it)] }
    private String stage = ''
    private boolean catches = false
    final String any = 'any'

    def propertyMissing(String name) {
        if (!variables.containsKey(name)) throw new MissingPropertyException(name, Pipeline)
        variables[name]
    }

    /** An assignment of `environment`. */
    def propertyMissing(String name, value) { variables[name] = value.toString() }

    private void enter(Closure body) {
        body.delegate = this
        body.resolveStrategy = Closure.DELEGATE_ONLY
        body()
    }

    void pipeline(Closure body) { enter(body) }
    void agent(String kind) { }
    void environment(Closure body) { enter(body) }
    void stages(Closure body) { enter(body) }
    void stage(String name, Closure body) { stage = name; enter(body) }
    void steps(Closure body) { enter(body) }
    void script(Closure body) { enter(body) }
    void parallel(Map branches) { branches.each { name, body -> enter(body) } }
    void post(Closure body) { stage = 'post'; enter(body) }
    void always(Closure body) { enter(body) }

    void withEnv(List settings, Closure body) {
        def outer = new LinkedHashMap(variables)
        settings.each { def (name, value) = it.toString().split('=', 2); variables[name] = value }
        enter(body)
        variables = outer
    }

    void catchError(Map results, Closure body) {
        assert results.buildResult == 'FAILURE'
        catches = true
        enter(body)
        catches = false
    }

    void sh(String command) {
        println JsonOutput.toJson([stage: stage, env: variables, command: command, isCaught: catches])
    }

    void junit(String file) { println JsonOutput.toJson([stage: stage, artefacts: [file]]) }
    void archiveArtifacts(Map what) {
        println JsonOutput.toJson([stage: stage, artefacts: what.artifacts.split(', *')])
    }
}

def jenkins = new Pipeline()
def begin = { Closure body -> jenkins.pipeline(body) }
new GroovyShell(new Binding([pipeline: begin])).evaluate(new File(args[0]).text)
