import { expect, test } from "vitest";
import { driverJsonSchema } from "../../src/language/schema.ts";

const schema = driverJsonSchema();

test("editors get the shape of a driver file as plain JSON", () => {
  expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
  expect(schema.$schema).toBe("https://json-schema.org/draft/2020-12/schema");
  expect(schema.$defs).toMatchObject({
    Driver: {
      additionalProperties: false,
      properties: { loophole: { const: "driver" }, version: { const: 1 } },
    },
  });
});

test("the parts that contain themselves are named", () => {
  const names = Object.keys(schema.$defs as object);
  expect(names).toEqual(
    expect.arrayContaining(["Driver", "Body", "Statement", "Condition", "Operand"]),
  );
});

test("the schema is the same each time", () => {
  expect(driverJsonSchema()).toEqual(schema);
});
