package io.cairn.structure;

import static com.tngtech.archunit.core.domain.JavaModifier.FINAL;
import static com.tngtech.archunit.core.domain.JavaModifier.STATIC;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Collection;
import java.util.Map;

/** The arrows between the parts, as the design draws them. */
@AnalyzeClasses(packages = "io.cairn", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule theCoreKnowsNoDriverAndNoProgram = noClasses().that().resideInAPackage("io.cairn.core..")
            .should().dependOnClassesThat().resideInAnyPackage("io.cairn.driver..", "io.cairn.drivers..", "io.cairn.app..", "io.cairn.images..",
                    "io.cairn.oci..");

    @ArchTest
    static final ArchRule theJournalKnowsBytesOnly = noClasses().that().resideInAPackage("io.cairn.journal..")
            .should().dependOnClassesThat().resideInAnyPackage("io.cairn.core..", "io.cairn.proto..", "io.cairn.network..");

    @ArchTest
    static final ArchRule generatedCodeKnowsNobody = noClasses().that().resideInAPackage("io.cairn.proto..")
            .should().dependOnClassesThat().resideInAnyPackage("io.cairn.core..", "io.cairn.journal..", "io.cairn.network..", "io.cairn.linux..");

    @ArchTest
    static final ArchRule theNetworkKnowsNoCore = noClasses().that().resideInAPackage("io.cairn.network..")
            .should().dependOnClassesThat().resideInAnyPackage("io.cairn.core..", "io.cairn.proto..", "io.cairn.journal..");

    @ArchTest
    static final ArchRule decisionsAreMadeOfValuesOnly = classes().that()
            .resideInAnyPackage("io.cairn.core.domain", "io.cairn.core.decide", "io.cairn.core.evolve")
            .should().onlyDependOnClassesThat().resideInAnyPackage("java.lang..", "java.util..", "io.vavr..", "io.cairn.proto.journal",
                    "io.cairn.proto.cri", "com.google.protobuf", "io.cairn.core.domain", "io.cairn.core.decide", "io.cairn.core.evolve");

    @ArchTest
    static final ArchRule theDomainKnowsNeitherDecisionsNorEvolution = noClasses().that().resideInAPackage("io.cairn.core.domain")
            .should().dependOnClassesThat().resideInAnyPackage("io.cairn.core.decide", "io.cairn.core.evolve");

    @ArchTest
    static final ArchRule decisionsAndEvolutionDoNotKnowEachOther = noClasses().that().resideInAPackage("io.cairn.core.decide")
            .should().dependOnClassesThat().resideInAPackage("io.cairn.core.evolve");

    @ArchTest
    static final ArchRule purePartsLookAtNoClock = noClasses().that()
            .resideInAnyPackage("io.cairn.core.domain", "io.cairn.core.decide", "io.cairn.core.evolve")
            .should().callMethod(System.class, "nanoTime").orShould().callMethod(System.class, "currentTimeMillis")
            .orShould().dependOnClassesThat().resideInAnyPackage("java.time..", "java.io..", "java.nio..", "java.util.concurrent..");

    @ArchTest
    static final ArchRule onlyTheEngineTheStartAndTheFeedKnowTheJournal = noClasses().that().resideInAPackage("io.cairn.core..")
            .and().resideOutsideOfPackages("io.cairn.core.engine", "io.cairn.core.recovery", "io.cairn.core.daemon", "io.cairn.core.feed")
            .should().dependOnClassesThat().resideInAPackage("io.cairn.journal..");

    @ArchTest
    static final ArchRule onlyTheProjectionAndTheStartKnowRocksDb = noClasses().that().resideInAPackage("io.cairn..")
            .and().resideOutsideOfPackages("io.cairn.core.projection", "io.cairn.core.recovery", "io.cairn.core.daemon")
            .should().dependOnClassesThat().resideInAPackage("org.rocksdb..");

    @ArchTest
    static final ArchRule onlyTheServicesKnowGrpc = noClasses().that().resideInAPackage("io.cairn.core..")
            .and().resideOutsideOfPackage("io.cairn.core.cri").should().dependOnClassesThat().resideInAnyPackage("io.grpc..", "io.netty..");

    @ArchTest
    static final ArchRule nothingBelowKnowsTheServices = noClasses().that().resideInAPackage("io.cairn.core..")
            .and().resideOutsideOfPackages("io.cairn.core.cri", "io.cairn.core.daemon")
            .should().dependOnClassesThat().resideInAPackage("io.cairn.core.cri");

    @ArchTest
    static final ArchRule driversAreSeenThroughTheirInterfaceOnly = noClasses().that().resideInAPackage("io.cairn.core.driver")
            .should().dependOnClassesThat().resideInAnyPackage("io.cairn.core.engine", "io.cairn.core.effect", "io.cairn.core.decide",
                    "io.cairn.core.evolve", "io.cairn.core.domain", "io.cairn.core.cri", "io.cairn.core.recovery", "io.cairn.core.daemon");

    @ArchTest
    static final ArchRule nothingStaticChanges = fields().that().areDeclaredInClassesThat().resideInAPackage("io.cairn.core..")
            .and().haveModifier(STATIC).and().doNotHaveName("$assertionsDisabled").should(neverChange());

    private static ArchCondition<JavaField> neverChange() {
        return new ArchCondition<>("be final and of no type that can change") {
            @Override
            public void check(JavaField field, ConditionEvents events) {
                var type = field.getRawType();
                boolean canChange = type.isAssignableTo(Collection.class) || type.isAssignableTo(Map.class)
                        || type.getPackageName().startsWith("java.util.concurrent.atomic");
                boolean good = field.getModifiers().contains(FINAL) && !canChange;
                events.add(new SimpleConditionEvent(field, good, field.getFullName() + " is static and can change"));
            }
        };
    }
}
