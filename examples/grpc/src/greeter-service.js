/** The service, as protoc would give it; JSON in place of protocol buffers, so that nothing is generated. */
const write = (value) => Buffer.from(JSON.stringify(value));
const read = (bytes) => JSON.parse(bytes.toString());

export const greeterService = {
  hello: {
    path: "/greeter.Greeter/Hello",
    requestStream: false,
    responseStream: false,
    requestSerialize: write,
    requestDeserialize: read,
    responseSerialize: write,
    responseDeserialize: read,
  },
};

/** The metadata by which a call says in which request it was made. */
export const REQUEST_ID = "x-request-id";
export const ADDRESS = `localhost:${process.env.GRPC_PORT ?? 50_051}`;
