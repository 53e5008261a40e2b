import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.processor.reports.enums.JobEndStatus;

/** Reads PDF paths from standard input, one a line; prints one JSON line for each: PDF/UA-1. */
public final class Validate {
    private static final int FAILURES_SHOWN_PER_RULE = 100;

    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err); // whatever a library prints must not mix with the JSON
        VeraGreenfieldFoundryProvider.initialise();
        BufferedReader paths =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        // One after the other: veraPDF keeps the open document in static containers.
        for (String path = paths.readLine(); path != null; path = paths.readLine()) {
            out.println(report(path));
        }
    }

    private static String report(String path) {
        List<String> failures = new ArrayList<>();
        boolean compliant = false;
        try (PDFAParser parser =
                        Foundries.defaultInstance()
                                .createParser(new File(path), PDFAFlavour.PDFUA_1);
                PDFAValidator validator =
                        Foundries.defaultInstance()
                                .createValidator(
                                        PDFAFlavour.PDFUA_1,
                                        FAILURES_SHOWN_PER_RULE,
                                        false,
                                        true,
                                        false)) {
            ValidationResult result = validator.validate(parser);
            JobEndStatus end = result.getJobEndStatus();
            if (end != JobEndStatus.NORMAL || result.getTotalAssertions() == 0) {
                throw new IllegalStateException("the check ended early: " + end);
            }
            compliant = result.isCompliant();
            for (TestAssertion assertion : result.getTestAssertions()) {
                if (assertion.getStatus() == TestAssertion.Status.FAILED) {
                    String message = assertion.getErrorMessage();
                    failures.add(
                            failure(
                                    assertion.getRuleId().getClause(),
                                    assertion.getRuleId().getTestNumber(),
                                    message == null ? assertion.getMessage() : message,
                                    assertion.getLocation().getContext()));
                }
            }
        } catch (Exception | StackOverflowError error) {
            // Not a PDF, or encrypted with a password to open it, or an error in veraPDF itself.
            compliant = false;
            failures.add(failure("unreadable", 0, error.toString(), path));
        }
        return "{\"file\":"
                + quoted(path)
                + ",\"compliant\":"
                + compliant
                + ",\"failures\":["
                + String.join(",", failures)
                + "]}";
    }

    private static String failure(String clause, int test, String message, String context) {
        return "{\"clause\":"
                + quoted(clause)
                + ",\"test\":"
                + test
                + ",\"message\":"
                + quoted(message)
                + ",\"context\":"
                + quoted(context)
                + "}";
    }

    private static String quoted(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (char letter : String.valueOf(text).toCharArray()) {
            if (letter == '"' || letter == '\\') {
                json.append('\\').append(letter);
            } else if (letter < ' ' || Character.isSurrogate(letter)) {
                json.append(String.format("\\u%04x", (int) letter));
            } else {
                json.append(letter);
            }
        }
        return json.append('"').toString();
    }
}
