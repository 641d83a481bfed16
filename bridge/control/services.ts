/**
 * The services of the contract as grpc-js wants them. Made with protobufjs alone: what tells strangers about them, and
 * costs more than all the rest, is `standard-services.ts`.
 */
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js'
import type { Type } from 'protobufjs'
import { messages, plainObjects } from '../wire/protobuf.js'

export const attachReply = messages.lookupType('trapline.v1.AttachReply')
export const agentService = toService('trapline.v1.AgentService')
export const controlService = toService('trapline.v1.ControlService')

function toService(name: string): ServiceDefinition {
  const { methodsArray } = messages.lookupService(name)
  const methods = methodsArray.map((method): [string, MethodDefinition<object, object>] => {
    const [request, response] = [method.resolvedRequestType as Type, method.resolvedResponseType as Type]
    const definition = {
      path: `/${name}/${method.name}`,
      originalName: method.name.charAt(0).toLowerCase() + method.name.slice(1),
      requestStream: method.requestStream ?? false,
      responseStream: method.responseStream ?? false,
      requestSerialize: encoderOf(request),
      requestDeserialize: decoderOf(request),
      responseSerialize: encoderOf(response),
      responseDeserialize: decoderOf(response),
    }
    return [method.name, definition]
  })
  return Object.fromEntries(methods)
}

function encoderOf(type: Type) {
  return (plain: object) => Buffer.from(type.encode(type.fromObject(plain)).finish())
}

function decoderOf(type: Type) {
  return (bytes: Buffer): object => type.toObject(type.decode(bytes), plainObjects)
}
