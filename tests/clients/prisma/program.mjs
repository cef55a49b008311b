import { PrismaPg } from "@prisma/adapter-pg";
import client from "@prisma/client";
import { run } from "./cases.mjs";

const prisma = new client.PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL }) });
const org = { id: 1 };

await run(
  {
    "upserts by one unique field": async () => {
      await prisma.user.upsert({
        where: { email: "a@x" },
        update: { fullName: "A" },
        create: { email: "a@x", fullName: "A" },
      });
    },
    "upserts by a variable": async () => {
      const email = "v@x";
      await prisma.user.upsert({ where: { email }, update: { fullName: "A" }, create: { email, fullName: "A" } });
    },
    "sets a field to a value": async () => {
      await prisma.user.upsert({
        where: { email: "a@x" },
        update: { fullName: { set: "A" }, score: { increment: 1 } },
        create: { email: "a@x", tags: ["x"], role: "owner" },
      });
    },
    "updates nothing": async () => {
      await prisma.user.upsert({ where: { email: "n@x" }, update: {}, create: { email: "n@x" } });
    },
    "updates nothing of a table without updatedAt": async () => {
      await prisma.tag.upsert({ where: { name: "n" }, update: {}, create: { name: "n" } });
    },
    "looks up another value than it creates": async () => {
      await prisma.tag.upsert({ where: { name: "p" }, update: { hits: 1 }, create: { name: "q" } });
    },
    "upserts by the primary key": async () => {
      await prisma.tag.upsert({ where: { id: 77 }, update: { name: "s" }, create: { id: 77, name: "s" } });
    },
    "upserts by a primary key that is not created": async () => {
      await prisma.tag.upsert({ where: { id: 78 }, update: { name: "t" }, create: { name: "t" } });
    },
    "upserts by a compound key": async () => {
      await prisma.membership.upsert({
        where: { orgId_userId: { orgId: 1, userId: 1 } },
        update: { role: "owner" },
        create: { orgId: 1, userId: 1, role: "owner" },
      });
    },
    "upserts by a compound key with a name": async () => {
      const serial = "s";
      await prisma.device.upsert({
        where: { orgSerial: { orgId: org.id, serial } },
        update: { label: "l" },
        create: { orgId: org.id, serial, label: "l" },
      });
    },
    "has another condition beside the unique field": async () => {
      await prisma.user.upsert({
        where: { email: "other@x", score: 0 },
        update: { fullName: "B" },
        create: { email: "other@x", fullName: "B" },
      });
    },
    "has two unique fields": async () => {
      await prisma.user.upsert({
        where: { email: "two@x", id: 99 },
        update: { fullName: "B" },
        create: { email: "two@x", id: 99 },
      });
    },
    "creates a relation too": async () => {
      await prisma.user.upsert({
        where: { email: "r@x" },
        update: { fullName: "R" },
        create: { email: "r@x", memberships: { create: { orgId: 9, role: "m" } } },
      });
    },
    "includes a relation in what is returned": async () => {
      await prisma.user.upsert({
        where: { email: "i@x" },
        update: { fullName: "R" },
        create: { email: "i@x" },
        include: { memberships: true },
      });
    },
    "selects scalars of what is returned": async () => {
      await prisma.user.upsert({
        where: { email: "i@x" },
        update: { fullName: "R" },
        create: { email: "i@x" },
        select: { id: true },
      });
    },
    "connects a relation": async () => {
      await prisma.device.upsert({
        where: { orgSerial: { orgId: 2, serial: "c" } },
        update: { label: "l" },
        create: { orgId: 2, serial: "c", user: { connect: { id: 1 } } },
      });
    },
    "creates an undefined field": async () => {
      await prisma.tag.upsert({ where: { name: "u" }, update: { hits: undefined }, create: { name: "u", hits: undefined } });
    },
    "skips duplicates": async () => {
      await prisma.user.createMany({ data: [{ email: "m@x" }, { email: "o@x", fullName: "O" }], skipDuplicates: true });
    },
    "skips duplicates of one row": async () => {
      await prisma.device.createMany({ data: { orgId: 1, serial: "k" }, skipDuplicates: true });
    },
    "skips duplicates and returns rows": async () => {
      await prisma.tag.createManyAndReturn({ data: [{ name: "x" }, { name: "y" }], skipDuplicates: true });
    },
    "creates many": async () => {
      await prisma.tag.createMany({ data: [{ name: "x1" }, { name: "y1" }] });
    },
    "connects or creates": async () => {
      await prisma.device.create({
        data: {
          orgId: 5,
          serial: "z",
          user: { connectOrCreate: { where: { email: "co@x" }, create: { email: "co@x" } } },
        },
      });
    },
    "upserts in an update": async () => {
      await prisma.user.update({
        where: { email: "a@x" },
        data: {
          memberships: {
            upsert: {
              where: { orgId_userId: { orgId: 3, userId: 1 } },
              create: { orgId: 3, role: "x" },
              update: { role: "y" },
            },
          },
        },
      });
    },
    "creates many in an update": async () => {
      await prisma.user.update({
        where: { email: "a@x" },
        data: { memberships: { createMany: { data: [{ orgId: 31, role: "x" }], skipDuplicates: true } } },
      });
    },
    "creates one": async () => {
      await prisma.user.create({ data: { email: "p@x" } });
    },
    "writes in a transaction": async () => {
      await prisma.$transaction(async (tx) => {
        await tx.tag.upsert({ where: { name: "t" }, update: { hits: 2 }, create: { name: "t", hits: 1 } });
      });
    },
    "writes a statement": async () => {
      await prisma.$executeRaw`INSERT INTO "Tag" (name) VALUES (${"raw"}) ON CONFLICT (name) DO UPDATE SET hits = "Tag".hits + 1`;
    },
  },
  () => prisma.$disconnect(),
);
