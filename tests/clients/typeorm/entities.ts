import {
  BaseEntity,
  Column,
  Entity,
  EntitySchema,
  ManyToOne,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  UpdateDateColumn,
} from "typeorm";

@Entity()
export class Team {
  @PrimaryGeneratedColumn() teamId!: number;
  @Column({ type: "text" }) name!: string;
}

export class Address {
  @Column({ type: "text", nullable: true }) street!: string;
  @Column({ type: "text", name: "zip_code", nullable: true }) zip!: string;
}

@Entity("app_users", { schema: "core" })
export class User {
  @PrimaryGeneratedColumn("uuid") id!: string;
  @Column({ type: "text", name: "e_mail" }) email!: string;
  @Column({ type: "text", nullable: true }) nickName!: string;
  @Column(() => Address) home!: Address;
  @ManyToOne(() => Team) team!: Team;
  @UpdateDateColumn({ type: "timestamptz" }) updatedAt!: Date;
}

abstract class Row extends BaseEntity {
  @PrimaryColumn({ type: "int" }) id!: number;
}

@Entity({ name: "tags" })
export class Tag extends Row {
  @Column({ type: "text" }) slug!: string;
  @Column({ type: "text" }) labelText!: string;
}

export const Pet = new EntitySchema<{ id: number; slug: string; label: string }>({
  name: "Pet",
  tableName: "tags",
  columns: { id: { primary: true, type: "int" }, slug: { type: "text" }, label: { type: "text", name: "labelText" } },
});
